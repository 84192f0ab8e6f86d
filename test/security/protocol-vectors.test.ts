import { readFile } from 'node:fs/promises';
import { fromBase64Url, toBase64Url } from '@gitprotect/shared/base64url';
import { FrameSealer } from '@gitprotect/shared/frame';
import { derivePairingKey, frameKeys, importKey, prove, type Terms } from '@gitprotect/shared/handshake';
import { formatPairingCode } from '@gitprotect/shared/pairing-code';
import { expect, test } from 'vitest';

/** As they stand in the page: Base64url, and a text to seal. */
interface Vector {
  readonly key: string;
  readonly terms: Terms;
  readonly text: string;
  readonly code?: string;
  readonly pairingKey?: string;
}

test('the vectors in docs/protocol.md hold', async () => {
  const page = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  const vectors: Vector[] = JSON.parse(/```json vectors\n([^`]*)```/.exec(page)?.[1] ?? '');
  expect(vectors).toHaveLength(2);
  for (const vector of vectors) {
    const bytes = fromBase64Url(vector.key) ?? new Uint8Array();
    const imported = await importKey(bytes, 'pairing');
    const keys = await frameKeys(imported, vector.terms);
    const toAgent = new FrameSealer(keys.toAgent);
    expect({
      ...vector,
      agentProof: await prove(imported, 'agent', vector.terms),
      clientProof: await prove(imported, 'client', vector.terms),
      firstFrameToAgent: toBase64Url(await toAgent.seal(vector.text)),
      secondFrameToAgent: toBase64Url(await toAgent.seal(vector.text)),
      firstFrameToClient: toBase64Url(await new FrameSealer(keys.toClient).seal(vector.text)),
      ...(vector.pairingKey !== undefined && { pairingKey: toBase64Url(await derivePairingKey(imported, vector.terms)) }),
      ...(vector.code !== undefined && { code: formatPairingCode({ port: vector.terms.port, secret: bytes }) }),
    }).toEqual(vector);
  }
});
