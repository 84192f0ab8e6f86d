import { isUtf8 } from 'node:buffer';

/*
 * Git's ref names are bytes. They become strings as UTF-8; a byte that is no UTF-8 becomes the lone surrogate U+DC80..U+DCFF
 * (Python's "surrogateescape"), which JSON keeps and UTF-8 text can never contain. So every name goes there and back unharmed.
 */

/** A ref name's bytes as text. */
export function decodeName(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((n) => at + n <= bytes.length && isUtf8(bytes.subarray(at, at + n)));
    if (length === undefined) text += String.fromCharCode(0xdc00 + bytes.readUInt8(at));
    else text += bytes.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return text;
}

/** The bytes of a name that came from `decodeName`. */
export function encodeName(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  return Buffer.concat(Array.from(text, (char) => (char.isWellFormed() ? Buffer.from(char) : Buffer.of(char.charCodeAt(0) & 0xff))));
}

// No control character, no space: what could break out of a line of a bundle header or of packed-refs. The rest is git's to judge.
// oxlint-disable-next-line no-control-regex
const breaksLine = /[\u0000-\u0020\u007f]/;

/** Whether it is a ref's full name that can be written into a bundle header and into packed-refs. */
export function isRefName(name: string): boolean {
  return name.startsWith('refs/') && !breaksLine.test(name);
}
