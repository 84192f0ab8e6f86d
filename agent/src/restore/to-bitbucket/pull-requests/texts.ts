import type { Anchor, StoredComment, StoredPullRequest } from './stored.ts';
import { nameOf } from './stored.ts';

/** Bitbucket refuses longer ones. */
const longestText = 32_768;
const longestTitle = 255;

/** `2026-03-01 12:00 UTC`. */
function when(time: number | null | undefined): string {
  if (typeof time !== 'number' || !Number.isFinite(time) || Math.abs(time) > 8e15) return 'at an unknown time';
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const cutNote = '\n\n*(cut here: the whole text is in the offline archive)*';

/** A text behind a heading, within what the server takes. Pictures and files lie with the old server: only the archive has them. */
function headed(head: string, text: string): string {
  const told = quiet(text.replaceAll(/attachment:(\d+)\/([\w.%-]+)/g, '(attachment $2, in the offline archive)'));
  const whole = `${head}\n\n${told}`;
  return whole.length <= longestText ? whole : cut(whole, longestText - cutNote.length) + cutNote;
}

/** Never in the middle of a character of two halves. */
function cut(text: string, length: number): string {
  const part = text.slice(0, length);
  return part.isWellFormed() ? part : part.slice(0, -1);
}

/** `@name` calls somebody by mail: nobody is to be called again, by hundreds of comments of years ago. In code it is left as it is. */
function quiet(text: string): string {
  const parts = text.split(/(```[\s\S]*?```|`[^`\n]*`)/);
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/(^|[\s(])@(?=[\w"])/g, '$1@\u2060'))).join('');
}

export function titleOf({ pullRequest: { title, id } }: StoredPullRequest): string {
  const text = (title ?? '').trim() || `Pull request ${id}`;
  return text.length <= longestTitle ? text : `${cut(text, longestTitle - 1)}…`;
}

/** @param from `ORCH/core`: where it was */
export function descriptionOf({ pullRequest: { id, description, author, createdDate } }: StoredPullRequest, from: string): string {
  const head = `*Restored from a backup: pull request ${id} of ${from}, opened by ${nameOf(author?.user ?? null)} on ${when(createdDate)}.*`;
  return headed(head, description ?? '').trimEnd();
}

/** @param anchor given where the comment cannot stand in the diff: its place is then said in words */
export function commentText({ author, createdDate, text }: StoredComment, anchor: Anchor | null): string {
  const place = anchor === null ? '' : `, on ${placeOf(anchor)}`;
  return headed(`**${nameOf(author)}** wrote on ${when(createdDate)}${place}:`, text);
}

function placeOf({ path, line }: Anchor): string {
  const file = `\`${pathOf(path)}\``;
  return typeof line === 'number' ? `${file} line ${line}` : file;
}

/** Servers send a path as text; the published form is an object. */
export function pathOf(path: unknown): string {
  if (typeof path === 'string') return path;
  if (typeof path === 'object' && path !== null && 'components' in path && Array.isArray(path.components)) return path.components.join('/');
  return 'an unknown file';
}
