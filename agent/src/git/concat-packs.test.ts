import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatPacks, type StoredPack } from './concat-packs.ts';
import { encodePackHeader } from './pack.ts';

function seal(objectCount: number, body: Uint8Array, format: 'sha1' | 'sha256'): Buffer {
  const bytes = Buffer.concat([encodePackHeader(objectCount), body]);
  return Buffer.concat([bytes, createHash(format).update(bytes).digest()]);
}

function stored(bytes: Buffer, objectCount: number, size: number): StoredPack {
  return {
    name: 'stored pack',
    objectCount,
    async *open() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  };
}

const format = fc.constantFrom('sha1' as const, 'sha256' as const);
const packs = fc.array(
  fc.record({ objectCount: fc.nat(1000), body: fc.uint8Array({ maxLength: 200 }), size: fc.integer({ min: 1, max: 100 }) }),
  { maxLength: 5 },
);

async function join(list: readonly StoredPack[], objectFormat: 'sha1' | 'sha256' = 'sha1'): Promise<Buffer> {
  return buffer(concatPacks(list, objectFormat));
}

describe('joined packs', () => {
  test('are one sealed pack of all bodies, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(packs, format, async (list, objectFormat) => {
        const joined = await join(
          list.map(({ objectCount, body, size }) => stored(seal(objectCount, body, objectFormat), objectCount, size)),
          objectFormat,
        );
        const total = list.reduce((sum, { objectCount }) => sum + objectCount, 0);
        expect(joined).toEqual(seal(total, Buffer.concat(list.map(({ body }) => body)), objectFormat));
      }),
    );
  });

  test('are refused when one of them is damaged, cut or not the recorded one', async () => {
    const pack = seal(3, Buffer.alloc(50, 1), 'sha1');
    const flipped = Buffer.from(pack);
    flipped[30] = 2;
    const bad = { code: 'git-corrupt-pack' };
    await expect(join([stored(flipped, 3, 16)])).rejects.toMatchObject(bad);
    await expect(join([stored(pack.subarray(0, -1), 3, 16)])).rejects.toMatchObject(bad);
    await expect(join([stored(pack.subarray(0, 20), 3, 16)])).rejects.toMatchObject(bad);
    await expect(join([stored(pack, 4, 16)])).rejects.toMatchObject(bad);
    await expect(join([stored(pack, 3, 16)])).resolves.toEqual(pack);
  });
});
