import { expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { ReadMemory } from './read-memory.ts';

test('what was read is read again after any write, and only then; what failed is not kept', async () => {
  await using db = openDatabase(':memory:');
  const memory = new ReadMemory<number>(db);
  let reads = 0;
  const read = async () => (reads += 1);
  expect([await memory.read('a', read), await memory.read('a', read), await memory.read('b', read)]).toEqual([1, 1, 2]);
  await db.insertInto('meta').values({ name: 'x', value: '1' }).execute();
  expect(await memory.read('a', read)).toBe(3);
  await db.selectFrom('meta').selectAll().execute();
  expect(await memory.read('a', read)).toBe(3);
  await expect(memory.read('c', async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await memory.read('c', read)).toBe(4);
});
