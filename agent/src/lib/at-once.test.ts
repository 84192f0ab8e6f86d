import { describe, expect, test } from 'vitest';
import { atOnce } from './at-once.ts';

describe('work done at once', () => {
  test('takes every item in turn and never more than the limit', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await atOnce([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      done.push(item);
    });
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  test('starts nothing new after a failure, waits for what runs, and passes the failure on', async () => {
    const done: number[] = [];
    const work = atOnce([1, 2, 3, 4], 2, async (item) => {
      await new Promise(setImmediate);
      if (item === 1) throw new Error('one');
      done.push(item);
    });
    await expect(work).rejects.toThrow('one');
    expect(done).toEqual([2]);
  });
});
