import { expect, test } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { OpenSecrets } from './open-secrets.ts';

test('secrets in use are opened once a minute, each by its id, and one that is not there is looked for again', async () => {
  let now = 0;
  const asked: string[] = [];
  const entries = new Map([
    ['one', new Secret('CANARY-1')],
    ['two', new Secret('CANARY-2')],
  ]);
  const get = async (id: string) => {
    asked.push(id);
    return entries.get(id) ?? null;
  };
  const secrets = new OpenSecrets({ get }, { now: () => now });
  const read = async (id: string) => (await secrets.get(id))?.reveal();
  for (const id of ['one', 'two', 'one', 'gone', 'gone']) await read(id);
  expect(asked).toEqual(['one', 'two', 'gone', 'gone']);
  now = 59_000;
  expect(await read('one')).toBe('CANARY-1');
  entries.set('one', new Secret('CANARY-3'));
  now = 60_000;
  expect([await read('one'), await read('two')]).toEqual(['CANARY-3', 'CANARY-2']);
  expect(asked.slice(4)).toEqual(['one', 'two']);
  // A clock that was set back keeps nothing open for longer.
  now = -120_000;
  await read('one');
  expect(asked.slice(6)).toEqual(['one']);
});
