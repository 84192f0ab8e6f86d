import { isObject } from './json-object.ts';

/** An attachment that a text links to. */
export interface AttachmentLink {
  /** `1113` or, from older servers, `328eabcebf/octo cat.png`. */
  readonly id: string;
  /** What the text calls it. */
  readonly name?: string;
}

/** Whose attachments are meant; a repo's numeric id is not always known. */
export interface LinkedRepo {
  readonly id: number | null;
  readonly projectKey: string;
  readonly slug: string;
}

/** Bounded, so that no text takes long. */
const label = String.raw`\[(?<name>[^\[\]\n]{1,200})\]\(`;
const id = String.raw`(?<id>[^\s)"'<>?#]{1,500})`;
const short = new RegExp(String.raw`(?:${label})?attachment:(?<repo>\d{1,15})/${id}`, 'g');
const repoPath = String.raw`/(?<owner>projects/|users/)(?<key>[^\s/]{1,200})/repos/(?<slug>[^\s/]{1,200})`;
const long = new RegExp(String.raw`(?:${label}[^\s()"'<>]{0,500}?)?${repoPath}/attachments/${id}`, 'g');

/**
 * The attachments of `repo` that texts anywhere in `value` link to, each once: as `attachment:REPO/ID`, or by address. There is no list of
 * them to ask for.
 */
export function attachmentLinks(value: unknown, repo: LinkedRepo): AttachmentLink[] {
  const found = new Map<string, AttachmentLink>();
  for (const text of textsIn(value)) {
    for (const link of linksIn(text, repo)) if (found.get(link.id)?.name === undefined) found.set(link.id, link);
  }
  return [...found.values()];
}

function* linksIn(text: string, repo: LinkedRepo): Generator<AttachmentLink> {
  for (const { groups = {} } of text.matchAll(short)) {
    // In these a plus is a blank; in an address it is itself.
    if (repo.id === null || Number(groups['repo']) === repo.id) yield* linkTo(groups['id']?.replaceAll('+', ' '), groups['name']);
  }
  for (const { groups = {} } of text.matchAll(long)) {
    const key = `${groups['owner'] === 'users/' ? '~' : ''}${groups['key'] ?? ''}`;
    if (same(key, repo.projectKey) && same(groups['slug'] ?? '', repo.slug)) yield* linkTo(groups['id'], groups['name']);
  }
}

function* linkTo(written: string | undefined, name: string | undefined): Generator<AttachmentLink> {
  const id = decoded((written ?? '').replace(/[.,;:!*_]+$/, ''));
  // A page's address has the folder in which it lies before the number: the last ten bits of it.
  const [, folder, number] = /^(\d{1,4})\/(\d{1,15})$/.exec(id) ?? [];
  const plain = number !== undefined && Number(folder) === Number(number) % 1024 ? number : id;
  // Neither nothing nor a way up: it becomes a part of a path.
  const safe = plain.isWellFormed() && plain.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (safe) yield { id: plain, ...(name === undefined ? {} : { name }) };
}

const same = (a: string, b: string): boolean => decoded(a).toLowerCase() === b.toLowerCase();

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whatever is called `text` or `description`, however deep: of comments, replies, tasks. */
function* textsIn(value: unknown): Generator<string> {
  const left = [value];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (Array.isArray(next)) left.push(...next.filter((item) => item !== undefined));
    if (!isObject(next)) continue;
    for (const [name, inner] of Object.entries(next)) {
      if (typeof inner === 'string' && (name === 'text' || name === 'description')) yield inner;
      else if (typeof inner === 'object' && inner !== null) left.push(inner);
    }
  }
}
