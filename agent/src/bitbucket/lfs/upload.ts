import type { Secret } from '../../lib/secret.ts';
import type { BatchedObject } from './batch.ts';
import { askLfs, type LfsLine } from './line.ts';

/** Puts one object where the server wants it, and tells it so where it asks for that. `open` gives its bytes. */
export async function upload(
  line: LfsLine,
  { oid, bytes, actions }: BatchedObject,
  open: () => AsyncIterable<Uint8Array>,
  { token, signal }: { token: Secret; signal: AbortSignal },
): Promise<void> {
  const { upload: put, verify } = actions;
  if (put === undefined) return;
  const given = Object.entries(put.header).map(([name, value]) => [name.toLowerCase(), value] as const);
  const headers = { 'content-type': 'application/octet-stream', ...Object.fromEntries(given), 'content-length': String(bytes) };
  const answer = await askLfs(line, { method: 'PUT', url: put.href, headers, body: open(), token, signal });
  await answer.body.dump();
  if (verify === undefined) return;
  const mediaType = 'application/vnd.git-lfs+json';
  const verified = await askLfs(line, {
    method: 'POST',
    url: verify.href,
    headers: { accept: mediaType, 'content-type': mediaType, ...verify.header },
    body: Buffer.from(JSON.stringify({ oid, size: bytes })),
    token,
    signal,
  });
  await verified.body.dump();
}
