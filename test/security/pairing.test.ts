import { pair } from '@gitprotect/shared/channel-client';
import { formatPairingCode, parsePairingCode } from '@gitprotect/shared/pairing-code';
import { describe, expect, test } from 'vitest';
import { chrome, from, startRig } from './channel-rig.ts';

const wrong = (port: number) => formatPairingCode({ port, secret: new Uint8Array(16).fill(1) });

describe('T8: guessing the pairing code', () => {
  test('is not possible when nobody asked for a pairing', async () => {
    await using rig = await startRig();
    await expect(pair({ ...from(chrome), code: wrong(rig.port), name: 'b' })).rejects.toMatchObject({ code: 'pairing-expired' });
  });

  test('ends after five tries, even for the right code', async () => {
    await using rig = await startRig();
    const { code } = await rig.pairings.open(rig.port);
    for (let count = 0; count < 5; count += 1) {
      await expect(pair({ ...from(chrome), code: wrong(rig.port), name: 'b' })).rejects.toMatchObject({ code: 'pairing-wrong' });
    }
    await expect(pair({ ...from(chrome), code, name: 'b' })).rejects.toMatchObject({ code: 'pairing-expired' });
    expect(await rig.pairings.list()).toEqual([]);
  });

  test('ends after five minutes', async () => {
    await using rig = await startRig();
    const { code } = await rig.pairings.open(rig.port);
    rig.clock.advance(5 * 60_000 - 1);
    expect(rig.pairings.window.isOpen).toBe(true);
    rig.clock.advance(1);
    await expect(pair({ ...from(chrome), code, name: 'b' })).rejects.toMatchObject({ code: 'pairing-expired' });
  });

  test('ends with the first client that pairs', async () => {
    await using rig = await startRig();
    const { code } = await rig.pairings.open(rig.port);
    const results = await Promise.allSettled([1, 2, 3].map((n) => pair({ ...from(chrome), code, name: `browser ${n}` })));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(pair({ ...from(chrome), code, name: 'b' })).rejects.toMatchObject({ code: 'pairing-expired' });
    expect(await rig.pairings.list()).toHaveLength(1);
  });

  test('a new code makes the one before worthless', async () => {
    await using rig = await startRig();
    const { code } = await rig.pairings.open(rig.port);
    const second = await rig.pairings.open(rig.port);
    expect(parsePairingCode(second.code).secret).not.toEqual(parsePairingCode(code).secret);
    await expect(pair({ ...from(chrome), code, name: 'b' })).rejects.toMatchObject({ code: 'pairing-wrong' });
  });
});
