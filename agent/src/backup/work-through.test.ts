import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { workThrough, type Work } from './work-through.ts';

const work = (over: Partial<Work<string>> & Pick<Work<string>, 'work'>): Work<string> => ({
  atOnce: 2,
  lineOf: ([line = '']) => line,
  outlook: async () => ({ users: 1, readyAt: 0 }),
  notDoneBefore: Infinity,
  now: () => 1000,
  ...over,
});

test('jobs of one line are begun in their order, so many at once', async () => {
  const begun: string[] = [];
  let [busy, most] = [0, 0];
  const jobs = ['a1', 'a2', 'a3', 'a4', 'a5'];
  await workThrough(
    jobs,
    work({
      work: async (job) => {
        begun.push(job);
        busy += 1;
        most = Math.max(most, busy);
        await setImmediate();
        busy -= 1;
      },
    }),
  );
  expect(begun).toEqual(jobs);
  expect(most).toBe(2);
});

test('a job that waits for its user leaves its place to another, and goes on beside it', async () => {
  const ended: string[] = [];
  const others = Promise.withResolvers<void>();
  await workThrough(
    ['a1', 'b1', 'b2', 'b3'],
    work({
      atOnce: 1,
      work: async (job, position, waits) => {
        if (job === 'a1') {
          waits(true);
          await others.promise;
          waits(false);
        }
        ended.push(job);
        if (position === 3) others.resolve();
      },
    }),
  );
  expect(ended).toEqual(['b1', 'b2', 'b3', 'a1']);
});

test('after one was rejected none is begun, those under way end, and the rejection is passed on', async () => {
  const ended: string[] = [];
  const going = workThrough(
    ['a1', 'a2', 'a3'],
    work({
      work: async (job) => {
        if (job === 'a1') throw new Error('no room');
        await Promise.resolve();
        ended.push(job);
      },
    }),
  );
  await expect(going).rejects.toThrow('no room');
  expect(ended).toEqual(['a2']);
});

test('what few users can serve is begun first, and lines that nobody serves now come last', async () => {
  const begun: string[] = [];
  const outlooks: Record<string, { users: number; readyAt: number }> = {
    a: { users: 3, readyAt: 0 },
    b: { users: 0, readyAt: Infinity },
    c: { users: 1, readyAt: 0 },
  };
  await workThrough(
    ['a1', 'b1', 'c1', 'c2'],
    work({
      atOnce: 1,
      outlook: async ([line = '']) => outlooks[line] ?? { users: 0, readyAt: 0 },
      work: async (job) => void begun.push(job),
    }),
  );
  expect(begun).toEqual(['c1', 'c2', 'a1', 'b1']);
});

test('a job that comes after another is begun when that has ended, the others in between; it waits for none behind it', async () => {
  const begun: string[] = [];
  const gate = Promise.withResolvers<void>();
  await workThrough(
    ['b fork', 'a early fork', 'a origin', 'a fork', 'a other', 'b last'],
    work({
      after: (job) => (job.endsWith('fork') && job !== 'b fork' ? 'a origin' : job === 'b fork' ? 'b last' : undefined),
      work: async (job) => {
        begun.push(job);
        if (job === 'a origin') await gate.promise;
        if (job === 'b last') gate.resolve();
      },
    }),
  );
  expect(begun.indexOf('a fork')).toBe(5);
  expect(begun.slice(0, 2)).toEqual(['b fork', 'a early fork']);
});

test('when it cannot be told who could serve a job, those under way end before that is passed on', async () => {
  const ended: string[] = [];
  let asked = 0;
  const going = workThrough(
    ['a1', 'a2'],
    work({
      outlook: async () => {
        asked += 1;
        if (asked > 1) throw new Error('the database is closed');
        return { users: 1, readyAt: 0 };
      },
      work: async (job) => {
        await setImmediate();
        ended.push(job);
      },
    }),
  );
  await expect(going).rejects.toThrow('the database is closed');
  expect(ended).toEqual(['a1']);
});
