import { createHash } from 'node:crypto';

/** Files that a browser opens from a folder without running anything in them, and that have an ending of their own. */
const harmless = new Set(
  'png jpg jpeg gif webp bmp ico avif mp4 webm mov mp3 wav ogg pdf txt log csv tsv md json yml yaml patch diff zip gz tgz bz2 xz zst 7z tar jar doc docx xls xlsx ppt pptx odt ods odp'.split(
    ' ',
  ),
);

/**
 * A name for a file on any system, from text that anybody wrote: letters, digits, `.`, `_` and `-`, never a path, never two the same for
 * different texts.
 */
export function safeName(text: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(text) && !/^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(text)) return text;
  return `${plain(text).slice(0, 40) || 'x'}-${hash(text)}`;
}

/** The same for an attachment, whose ending is kept where a browser runs nothing in such a file; others become `.txt`. */
export function safeFileName(id: string, name: string): string {
  const [, stem = name, ending = ''] = /^(.*)\.([A-Za-z0-9]{1,8})$/su.exec(name) ?? [];
  const kept = ending.toLowerCase();
  const tail = harmless.has(kept) ? kept : kept === '' ? 'bin' : `${kept}.txt`;
  return `${hash(id)}-${plain(stem).slice(0, 60) || 'attachment'}.${tail}`;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

const plain = (text: string): string =>
  text
    .split(/[/\\]/)
    .at(-1)
    ?.replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^[_-]+|[_-]+$/g, '') ?? '';
