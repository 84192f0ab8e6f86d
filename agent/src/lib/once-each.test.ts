import { expect, test } from 'vitest';
import { onceEach } from './once-each.ts';

test('one is made for each key, also for those who ask at once, and again where it could not be made', async () => {
  const made: string[] = [];
  let fails = false;
  const get = onceEach(async (key: string) => {
    made.push(key);
    if (fails) throw new Error('not now');
    return key.toUpperCase();
  });
  expect(await Promise.all([get('a'), get('a'), get('b')])).toEqual(['A', 'A', 'B']);
  fails = true;
  await expect(Promise.all([get('c'), get('c')])).rejects.toThrow('not now');
  expect(await get('a')).toBe('A');
  fails = false;
  expect(await get('c')).toBe('C');
  expect(made).toEqual(['a', 'b', 'c', 'c']);
});
