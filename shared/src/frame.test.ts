import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameOpener, FrameSealer } from './frame.ts';
import { frameKeys, importKey, newNonce, type Terms } from './handshake.ts';

const terms: Terms = { pairing: 'p', origin: 'o', port: 1, clientNonce: newNonce(), agentNonce: newNonce() };
const keys = await frameKeys(await importKey(crypto.getRandomValues(new Uint8Array(32))), terms);
const broken = { code: 'connection-lost' };

describe('sealed frames', () => {
  test('give back any texts in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' })), async (texts) => {
        const [sealer, opener] = [new FrameSealer(keys.toAgent), new FrameOpener(keys.toAgent)];
        for (const text of texts) expect(await opener.open(await sealer.seal(text))).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  test('do not open with any bit turned', async () => {
    const frame = await new FrameSealer(keys.toAgent).seal('hello');
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const turned = frame.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      await expect(new FrameOpener(keys.toAgent).open(turned)).rejects.toMatchObject(broken);
    }
  });

  test('do not open when repeated, left out, swapped, cut, or turned back', async () => {
    const sealer = new FrameSealer(keys.toAgent);
    const [first, second] = [await sealer.seal('1'), await sealer.seal('2')];
    const opener = new FrameOpener(keys.toAgent);
    await opener.open(first);
    await expect(opener.open(first)).rejects.toMatchObject(broken);
    await expect(new FrameOpener(keys.toAgent).open(second)).rejects.toMatchObject(broken);
    await expect(new FrameOpener(keys.toAgent).open(first.slice(1))).rejects.toMatchObject(broken);
    await expect(new FrameOpener(keys.toAgent).open(new Uint8Array())).rejects.toMatchObject(broken);
    await expect(new FrameOpener(keys.toClient).open(first)).rejects.toMatchObject(broken);
  });

  test('stay closed after the first that did not open', async () => {
    const sealer = new FrameSealer(keys.toAgent);
    const opener = new FrameOpener(keys.toAgent);
    const frame = await sealer.seal('1');
    await expect(opener.open(new Uint8Array(20))).rejects.toMatchObject(broken);
    await expect(opener.open(frame)).rejects.toMatchObject(broken);
    await expect(opener.open(await sealer.seal('2'))).rejects.toMatchObject(broken);
  });
});
