import { createHash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import type { Secret } from '../../lib/secret.ts';
import { connectionError } from '../connection-error.ts';
import { usualTimeouts } from '../connections.ts';
import type { LfsObject } from './batch.ts';
import { askLfs, type LfsAction, type LfsLine } from './line.ts';

/**
 * The bytes of a large file as they come. After the last of them it throws `server-bad-answer` when they are not those that its name says, so
 * whoever stores them may keep them only when the iteration ended without an error.
 */
export async function* download(
  line: LfsLine,
  { oid, bytes }: LfsObject,
  { href, header }: LfsAction,
  { token, signal }: { token: Secret; signal: AbortSignal },
): AsyncGenerator<Uint8Array, void> {
  const { body } = await askLfs(line, { method: 'GET', url: href, headers: { accept: '*/*', ...header }, token, signal });
  const hash = createHash('sha256');
  let received = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      hash.update(chunk);
      received += chunk.length;
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw await connectionError(error, href, usualTimeouts);
  }
  const actual = hash.digest('hex');
  if (actual === oid) return;
  const what = received === bytes ? `other bytes (SHA-256 ${actual})` : `${received} bytes where ${bytes} belong to it`;
  throw new AppError('server-bad-answer', `the server sent ${what} for large file ${oid}`, {
    remedy: 'look at the object in Bitbucket’s own storage of large files',
    facts: { wrongContent: true },
  });
}
