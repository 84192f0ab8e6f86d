/** One commit of a `git fast-import` stream. Marks are its number; parents are marks or, across streams, object ids and ref names. */
export interface Commit {
  readonly ref: string;
  readonly mark: number;
  readonly message?: string;
  readonly parents?: readonly (number | string)[];
  /** Path -> content; null deletes. */
  readonly files: Readonly<Record<string, string | Buffer | null>>;
}

function data(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}

const asParent = (parent: number | string): string => (typeof parent === 'number' ? `:${parent}` : parent);

/** The commit as fast-import reads it; each is a minute later than the one before, so dates follow the marks. */
export function commit({ ref, mark, message = `commit ${mark}`, parents = [], files }: Commit): Buffer {
  const [first, ...others] = parents;
  return Buffer.concat([
    Buffer.from(`commit ${ref}\nmark :${mark}\ncommitter Ada <ada@example.org> ${1_700_000_000 + mark * 60} +0000\n`),
    data(message),
    Buffer.from(first === undefined ? '' : `from ${asParent(first)}\n`),
    Buffer.from(others.map((parent) => `merge ${asParent(parent)}\n`).join('')),
    ...Object.entries(files).map(([path, content]) =>
      content === null
        ? Buffer.from(`D ${JSON.stringify(path)}\n`)
        : Buffer.concat([Buffer.from(`M 100644 inline ${JSON.stringify(path)}\n`), data(content)]),
    ),
    Buffer.from('\n'),
  ]);
}

/** A ref set to a commit: a branch, or a lightweight tag. `ref` may hold bytes that are no UTF-8, one a character. */
export function reset(ref: string, to: number | string): Buffer {
  return Buffer.from(`reset ${ref}\nfrom ${asParent(to)}\n\n`, 'latin1');
}

/** An annotated tag on a commit. */
export function tag(name: string, to: number | string): Buffer {
  return Buffer.concat([
    Buffer.from(`tag ${name}\nfrom ${asParent(to)}\ntagger Ada <ada@example.org> 1700000000 +0000\n`),
    data(`tag ${name}`),
  ]);
}
