import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { textAt } from './field.ts';
import { safeFileName } from './safe-name.ts';

/** An attachment that is in the archive. */
export interface Attachment {
  /** Its name within the folder of attachments. */
  readonly file: string;
  readonly name: string;
  readonly picture: boolean;
}

/** Attachments by their id. */
export type Attachments = Map<string, Attachment>;

/** The id in a link of a text, `attachment:REPO/ID`; `undefined` when it is no such link. */
export function attachmentId(link: string): string | undefined {
  const id = /^attachment:(?:\d+\/)?(.+)$/su.exec(link)?.[1];
  return id === undefined ? undefined : decoded(id);
}

/** The id under which texts link to the attachment of a record. */
export const idOfAttachment = (key: string, value: unknown): string => decoded(textAt(value, 'id') ?? key);

/** The ids that the texts of a record link to, and perhaps some more. */
export function linkedIn(value: unknown): ReadonlySet<string> {
  const links = JSON.stringify(value).matchAll(/attachment:\d+\/[^\s)"'\\>\]]+/g);
  return new Set([...links].map(([link]) => attachmentId(link) ?? ''));
}

/** Writes the attachment of a record into `folder`; the newest of one id wins. */
export async function writeAttachment(folder: string, key: string, value: unknown, known: Attachments): Promise<void> {
  const id = idOfAttachment(key, value);
  const name = textAt(value, 'name') ?? id;
  const contentType = textAt(value, 'contentType') ?? '';
  const ending = /\.[A-Za-z0-9]{1,8}$/.test(name) ? '' : (endings.get(contentType.split(';')[0] ?? '') ?? '');
  const file = safeFileName(id, name + ending);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), Buffer.from(textAt(value, 'base64') ?? '', 'base64'));
  known.set(id, { file, name: name.split(/[/\\]/).at(-1) ?? name, picture: /\.(?:png|jpe?g|gif|webp|bmp|avif)$/.test(file) });
}

const endings: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'image/png': '.png',
    'image/jpeg': '.jpg',
    'image/gif': '.gif',
    'image/webp': '.webp',
    'application/pdf': '.pdf',
    'text/plain': '.txt',
  }),
);

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
