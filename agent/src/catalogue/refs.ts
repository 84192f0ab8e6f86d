import { createHash } from 'node:crypto';

/** What a ref points to, and, when that is an annotated tag, the object the tag stands for in the end. */
export interface RefTarget {
  readonly oid: string;
  readonly peeled?: string;
}

/** Full name -> target, without HEAD. */
export type Refs = ReadonlyMap<string, RefTarget>;

/** A list of refs as a difference from another: lines to put in, names to take out. */
export interface RefDifference {
  readonly set: readonly string[];
  readonly gone: readonly string[];
}

/** One ref as a line: `<oid> <name>`, and for an annotated tag ` <peeled oid>` behind it. A name never contains a space. */
export function refLine(name: string, { oid, peeled }: RefTarget): string {
  return peeled === undefined ? `${oid} ${name}` : `${oid} ${name} ${peeled}`;
}

/** Reads a line of `refLine`. `undefined` when it is none. */
export function readRefLine(line: string): [name: string, target: RefTarget] | undefined {
  // oxlint-disable-next-line no-control-regex
  const [, oid, name, peeled] = /^([0-9a-f]{40,64}) (refs\/[^\u0000-\u0020\u007f]+)(?: ([0-9a-f]{40,64}))?$/.exec(line) ?? [];
  if (oid === undefined || name === undefined) return undefined;
  return [name, peeled === undefined ? { oid } : { oid, peeled }];
}

/**
 * SHA-256, in hex, of the lines of all refs, each with a line feed, sorted by their bytes: what `LC_ALL=C sort | sha256sum` prints.
 * The same refs give the same hash in whatever order a server lists them.
 */
export function refsHash(refs: Refs): string {
  const hash = createHash('sha256');
  const lines = Array.from(refs, ([name, target]) => lineBytes(refLine(name, target)));
  for (const line of lines.toSorted((a, b) => a.compare(b))) hash.update(line).update('\n');
  return hash.digest('hex');
}

/** Names that are no UTF-8 come with each odd byte as a lone surrogate U+DC80..U+DCFF; here they become those bytes again. */
function lineBytes(line: string): Buffer {
  if (line.isWellFormed()) return Buffer.from(line);
  return Buffer.concat(Array.from(line, (char) => (char.isWellFormed() ? Buffer.from(char) : Buffer.of(char.charCodeAt(0) & 0xff))));
}

/** What makes `refs` of `base`, names in order. */
export function refDifference(base: Refs, refs: Refs): RefDifference {
  const set: string[] = [];
  for (const [name, target] of refs) {
    const line = refLine(name, target);
    const before = base.get(name);
    if (before === undefined || refLine(name, before) !== line) set.push(line);
  }
  return {
    set: set.toSorted(),
    gone: Array.from(base.keys())
      .filter((name) => !refs.has(name))
      .toSorted(),
  };
}

/** `base` with a difference applied. Throws `TypeError` on a line that is no ref. */
export function applyDifference(base: Refs, { set, gone }: RefDifference): Refs {
  const refs = new Map(base);
  for (const name of gone) refs.delete(name);
  for (const line of set) {
    const read = readRefLine(line);
    if (read === undefined) throw new TypeError(`not a ref: ${JSON.stringify(line)}`);
    refs.set(...read);
  }
  return refs;
}
