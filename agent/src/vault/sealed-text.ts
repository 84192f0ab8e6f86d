import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../lib/secret.ts';
import * as v from 'valibot';

/**
 * The text of a sealed vault, line by line:
 *
 *     gitprotect-vault 1
 *     {"key":"passphrase","N":131072,"r":8,"p":1,"salt":"<base64>"}      how the key is made
 *     <HMAC-SHA256 of the lines above>                                 tells a wrong key from a damaged file
 *     <id> <base64 of nonce, AES-256-GCM ciphertext, tag>              one line an entry, the id as associated data
 *     <HMAC-SHA256 of all lines above>
 */
const firstLine = 'gitprotect-vault 1';

/** How the key is made. The bounds keep a forged header from asking for all memory, or for a weak key. */
const Header = v.variant('key', [
  v.strictObject({
    key: v.literal('passphrase'),
    N: v.picklist([2 ** 17, 2 ** 18, 2 ** 19, 2 ** 20]),
    r: v.literal(8),
    p: v.literal(1),
    salt: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/)),
  }),
  v.strictObject({ key: v.literal('key-file') }),
]);
export type Header = v.InferOutput<typeof Header>;

/** The two keys of one sealed text: one seals entries, one authenticates lines. */
export interface Keys {
  readonly entries: Buffer;
  readonly lines: Buffer;
}

/** Entries as they rest: id to sealed Base64. */
export type SealedEntries = ReadonlyMap<string, string>;

/** What reading a sealed text gives. */
export type Opened =
  | { readonly outcome: 'opened'; readonly entries: SealedEntries }
  | { readonly outcome: 'wrong-key' }
  | { readonly outcome: 'damaged' };

/** A header for a new passphrase, with a fresh salt. scrypt with N = 2^17 takes 128 MiB and about half a second. */
export function passphraseHeader(): Header {
  return { key: 'passphrase', N: 2 ** 17, r: 8, p: 1, salt: randomBytes(32).toString('base64') };
}

/** The keys a header and its secret (the passphrase, or the key file's text) stand for. */
export async function keysFor(header: Header, secret: Secret): Promise<Keys> {
  const master = header.key === 'passphrase' ? await stretch(header, secret) : Buffer.from(secret.reveal());
  const part = (use: string): Buffer => Buffer.from(hkdfSync('sha256', master, '', `gitprotect vault ${use}`, 32));
  return { entries: part('entries'), lines: part('lines') };
}

function stretch({ N, r, p, salt }: Extract<Header, { key: 'passphrase' }>, passphrase: Secret): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const text = passphrase.reveal().normalize('NFKC');
  scrypt(text, Buffer.from(salt, 'base64'), 32, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
    if (error === null) resolve(key);
    else reject(error);
  });
  return promise;
}

/** The header of a sealed text, or `null` when it has none: nothing is authenticated yet. */
export function readHeader(text: string): Header | null {
  const [first, second] = text.split('\n', 2);
  if (first !== firstLine || second === undefined) return null;
  try {
    return v.parse(Header, JSON.parse(second));
  } catch {
    return null;
  }
}

/** The whole text, authenticated. */
export function writeSealed(header: Header, keys: Keys, entries: SealedEntries): string {
  const head = `${firstLine}\n${JSON.stringify(header)}\n`;
  const body = `${head}${authenticate(keys, head)}\n${[...entries].map(([id, box]) => `${id} ${box}\n`).join('')}`;
  return `${body}${authenticate(keys, body)}\n`;
}

/** Reads a whole text. Every byte of it is authenticated. */
export function readSealed(text: string, keys: Keys): Opened {
  const lines = text.split('\n');
  const end = lines.length - 2;
  const before = (line: number): string => `${lines.slice(0, line).join('\n')}\n`;
  if (end < 3 || lines[end + 1] !== '') return { outcome: 'damaged' };
  if (!same(lines[2], authenticate(keys, before(2)))) return { outcome: 'wrong-key' };
  if (!same(lines[end], authenticate(keys, before(end)))) return { outcome: 'damaged' };
  const entries = new Map<string, string>();
  for (const line of lines.slice(3, end)) {
    const [id = '', box = ''] = line.split(' ');
    entries.set(id, box);
  }
  return { outcome: 'opened', entries };
}

/** Seals one entry under its id. */
export function sealEntry(keys: Keys, id: string, secret: Secret): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keys.entries, nonce).setAAD(Buffer.from(id));
  return Buffer.concat([nonce, cipher.update(secret.reveal(), 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Opens one entry. Throws when the box was not sealed under this id and these keys. */
export function openEntry(keys: Keys, id: string, box: string): string {
  const bytes = Buffer.from(box, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keys.entries, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(-16));
  return decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8');
}

function authenticate(keys: Keys, text: string): string {
  return createHmac('sha256', keys.lines).update(text).digest('hex');
}

function same(found: string | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(found ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
