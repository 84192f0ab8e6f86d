import { expect, test } from 'vitest';
import { AppError } from '@gitprotect/shared/errors';
import { openSample } from '../catalogue/sample.ts';
import type { Clock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { sealed } from '../storage/sealed.ts';
import { upkeep, type UpkeepStep } from './upkeep.ts';
import { upkeepStore } from './upkeep-store.ts';

async function setUp(steps: readonly UpkeepStep[]) {
  const sample = await openSample();
  const { db, storage, keys } = sample;
  const store = upkeepStore(db);
  const time = { now: Date.parse('2026-03-01T02:00:00Z') };
  const clock: Clock = { now: () => time.now, sleep: async () => undefined };
  const place = { ...sample, id: 'storage', plain: storage, sealed: sealed(storage, keys) };
  const ends = { count: 0 };
  const kept = upkeep({ steps: async () => steps, open: async () => place, store, clock, log: silentLog, onEnd: () => (ends.count += 1) });
  return { kept, store, time, ends };
}

test('upkeep does one step after the other; one that fails stops none, and says why', async () => {
  const order: string[] = [];
  const step = (name: UpkeepStep['name'], work: () => string): UpkeepStep => ({ name, run: async () => (order.push(name), work()) });
  const fails = () => {
    throw new AppError('storage-full', 'the disk is full', { remedy: 'make room' });
  };
  const { kept, store, ends } = await setUp([step('compact', fails), step('prune', () => 'nothing to remove')]);
  await kept.run();
  expect(order).toEqual(['compact', 'prune']);
  expect(await store.list()).toMatchObject([
    { step: 'compact', state: 'failed', message: 'the disk is full', remedy: 'make room' },
    { step: 'prune', state: 'done', message: 'nothing to remove' },
  ]);
  expect(ends.count).toBe(1);
});

test('upkeep that is asked for while it is at work goes through its steps once more, never beside itself', async () => {
  let inside = 0;
  let times = 0;
  const { kept } = await setUp([
    {
      name: 'verify',
      run: async () => {
        inside += 1;
        expect(inside).toBe(1);
        times += 1;
        if (times === 1) void Promise.all([kept.run(), kept.run()]);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        return '';
      },
    },
  ]);
  await kept.run();
  expect(times).toBe(2);
});

test('upkeep stops with the agent, is done once a day, and again when the clock was set back', async () => {
  let times = 0;
  const { kept, store, time } = await setUp([{ name: 'drill', run: async () => `${(times += 1)}` }]);
  const timesAt = async (move: number) => {
    time.now += move;
    await kept.runDaily();
    return times;
  };
  expect(await timesAt(0)).toBe(1);
  expect(await timesAt(86_399_000)).toBe(1);
  expect(await timesAt(1000)).toBe(2);
  expect(await timesAt(-200_000_000)).toBe(3);
  const slow = await setUp([
    {
      name: 'drill',
      run: (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cut')), { once: true })),
    },
  ]);
  const running = slow.kept.run();
  await slow.kept[Symbol.asyncDispose]();
  await running;
  expect((await store.list()).map(({ state }) => state)).toEqual(['done']);
  await slow.kept.run();
});
