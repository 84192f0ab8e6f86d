import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import type { Secret } from '../lib/secret.ts';
import { chunksOf } from './chunks.ts';

/*
 * age (age-encryption.org/v1): a header that wraps a file key for every recipient, 16 bytes of nonce, then STREAM: chunks of 64 KiB under
 * ChaCha20-Poly1305. The header is age-encryption's work; the chunks are node:crypto's, eight times faster than the library's own.
 * It loads when something is first sealed or opened: most commands do neither.
 */

const chunkBytes = 65_536;
const tagBytes = 16;
const nonceBytes = 16;
/** Far more than any number of recipients we write; a longer header is not ours. */
const longestHeader = 65_536;

/** The bytes of `source` as an age file that each of `recipients` (`age1…`) can open. */
export async function* sealAge(source: AsyncIterable<Uint8Array>, recipients: readonly string[]): AsyncGenerator<Buffer, void, undefined> {
  const { header, fileKey } = await newHeader(recipients);
  const nonce = randomBytes(nonceBytes);
  yield Buffer.concat([header, nonce]);
  const key = payloadKey(fileKey, nonce);
  let counter = 0;
  for await (const { chunk, last } of chunksOf(source, chunkBytes)) {
    const cipher = createCipheriv('chacha20-poly1305', key, chunkNonce(counter, last), { authTagLength: tagBytes });
    yield cipher.update(chunk);
    // Nothing is left to come: it is a stream cipher. But the tag is made here.
    cipher.final();
    yield cipher.getAuthTag();
    counter += 1;
  }
}

/**
 * The bytes inside an age file, each chunk authenticated before it is handed on and the end checked to be the end. `name` is for messages.
 * @throws AppError `storage-foreign` when none of `identity` (lines of `AGE-SECRET-KEY-1…`) is one of its recipients, `storage-corrupt` when it was changed or cut
 */
export async function* openAge(source: AsyncIterable<Uint8Array>, identity: Secret, name: string): AsyncGenerator<Buffer, void, undefined> {
  const { header, rest, leave } = await splitHeader(source, name);
  const fileKey = await unwrap(header, identity, name).catch(async (error: unknown) => {
    await leave();
    throw error;
  });
  let key: KeyObject | undefined;
  let counter = 0;
  for await (const { chunk, last } of chunksOf(afterNonce(), chunkBytes + tagBytes)) {
    // Only a file of no bytes ends with an empty chunk, otherwise it could be cut and closed again at will.
    if (key === undefined || chunk.length < tagBytes || (chunk.length === tagBytes && counter > 0)) throw corrupt(name);
    yield openChunk(key, chunkNonce(counter, last), chunk, name);
    counter += 1;
  }

  async function* afterNonce(): AsyncGenerator<Uint8Array> {
    let start = Buffer.alloc(0);
    for await (const piece of rest) {
      if (key !== undefined) {
        yield piece;
        continue;
      }
      start = Buffer.concat([start, piece]);
      if (start.length < nonceBytes) continue;
      key = payloadKey(fileKey, start.subarray(0, nonceBytes));
      yield start.subarray(nonceBytes);
    }
  }
}

function openChunk(key: KeyObject, nonce: Buffer, chunk: Buffer, name: string): Buffer {
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(chunk.subarray(-tagBytes));
  const plain = decipher.update(chunk.subarray(0, -tagBytes));
  try {
    decipher.final();
    return plain;
  } catch (error) {
    throw corrupt(name, error);
  }
}

/** A header whose file key we know: the library tells it to every recipient, so one of them is a listener that adds nothing. */
async function newHeader(recipients: readonly string[]): Promise<{ header: Buffer; fileKey: Uint8Array }> {
  if (recipients.length === 0) throw new AppError('internal', 'nothing can be sealed for no recipient');
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  let fileKey: Uint8Array | undefined;
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Uint8Array.from(key);
      return [];
    },
  });
  const file = Buffer.from(await encrypter.encrypt(new Uint8Array()));
  const end = headerEnd(file);
  if (end === undefined || fileKey === undefined) throw new AppError('internal', 'age made no header');
  return { header: file.subarray(0, end), fileKey };
}

/** Where the header ends: after the line that starts with `---`. */
function headerEnd(bytes: Buffer): number | undefined {
  const mac = bytes.indexOf('\n--- ');
  const end = mac < 0 ? -1 : bytes.indexOf('\n', mac + 1);
  return end < 0 ? undefined : end + 1;
}

interface SplitHeader {
  readonly header: Buffer;
  readonly rest: AsyncIterable<Uint8Array>;
  /** Closes the source, where `rest` is not read: a generator that nobody began does not. */
  readonly leave: () => Promise<void>;
}

async function splitHeader(source: AsyncIterable<Uint8Array>, name: string): Promise<SplitHeader> {
  const iterator = source[Symbol.asyncIterator]();
  const leave = async (): Promise<void> => void (await iterator.return?.());
  let start = Buffer.alloc(0);
  for (let end = headerEnd(start); ; end = headerEnd(start)) {
    if (end !== undefined) return { header: start.subarray(0, end), rest: continued(start.subarray(end), iterator), leave };
    const next = start.length > longestHeader ? { done: true as const } : await iterator.next();
    if (next.done === true) {
      await leave();
      throw corrupt(name);
    }
    start = Buffer.concat([start, next.value]);
  }
}

async function* continued(first: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

async function unwrap(header: Buffer, identity: Secret, name: string): Promise<Uint8Array> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const line of identity.reveal().split('\n')) decrypter.addIdentity(line);
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    // The library has no codes; every other failure is a header that was changed.
    if (!(error instanceof Error) || !error.message.startsWith('no identity matched')) throw corrupt(name, error);
    throw new AppError('storage-foreign', `${name} was sealed for another key than the one given`, {
      remedy: 'use the key of the agent that wrote it, or the recovery key',
      facts: { name },
      cause: error,
    });
  }
}

/** Imported once: handed over as bytes for each chunk it costs as much as the chunk's cipher. */
function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32)));
}

/** 11 bytes of counter, big-endian, and one that says whether this chunk is the last. */
function chunkNonce(counter: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(counter, 5, 6);
  nonce.writeUInt8(last ? 1 : 0, 11);
  return nonce;
}

function corrupt(name: string, cause?: unknown): AppError {
  return new AppError('storage-corrupt', `${name} is damaged in storage: it is not what was sealed`, {
    remedy: 'put the object back from a copy of the storage; snapshots that do not use it still restore',
    facts: { name },
    cause,
  });
}
