import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { bytesOf, streamOf } from './bytes.ts';
import { openLocalStorage } from './local.ts';
import { sealed } from './sealed.ts';
import { testStorage } from './storage-contract.ts';

const signal = new AbortController().signal;
const plain = () => openLocalStorage(mkdtempSync(join(tmpdir(), 'gitprotect-sealed-')), { create: false });

async function keys() {
  const identity = await generateX25519Identity();
  return { identity: new Secret(identity), recipients: [await identityToRecipient(identity)] };
}

describe('a sealed storage', () => {
  testStorage(async () => sealed(await plain(), await keys()), { seals: true });

  test('writes nothing in plain and says the size and hash of the sealed bytes', async () => {
    await using inner = await plain();
    const storage = sealed(inner, await keys());
    const stored = await storage.put('a/x.age', streamOf('CANARY'), { signal });
    const raw = await bytesOf(await inner.get('a/x.age', { signal, expect: stored }), 1e6, 'x');
    expect(raw.includes('CANARY')).toBe(false);
    expect(raw.length).toBe(stored.bytes);
  });

  test('takes no name that does not say it is sealed', async () => {
    await using storage = sealed(await plain(), await keys());
    await expect(storage.put('a/x', streamOf('x'), { signal })).rejects.toMatchObject({ code: 'internal' });
  });
});
