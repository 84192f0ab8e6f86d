import { expect, test, vi } from 'vitest';
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
  // Of two that ask at once one opens it; what failed is not remembered.
  now = 200_000;
  expect(await Promise.all([read('one'), read('one')])).toEqual(['CANARY-3', 'CANARY-3']);
  expect(asked.slice(6)).toEqual(['one']);
  now = 60_000;
  // A clock that was set back keeps nothing open for longer.
  now = -120_000;
  await read('one');
  expect(asked.slice(7)).toEqual(['one']);
});

test('a secret that nobody asks for any more is forgotten after a minute, and one that could not be opened at once', async () => {
  vi.useFakeTimers();
  try {
    let fails = true;
    const asked: string[] = [];
    const get = async (id: string) => {
      asked.push(id);
      if (fails) throw new Error('the keychain is shut');
      return new Secret('CANARY-4');
    };
    const secrets = new OpenSecrets({ get }, { now: () => 0 });
    await expect(secrets.get('one')).rejects.toThrow('the keychain is shut');
    fails = false;
    await secrets.get('one');
    await secrets.get('one');
    expect(asked).toEqual(['one', 'one']);
    vi.advanceTimersByTime(60_000);
    // By the clock it is the same moment: only the timer can have taken it.
    await secrets.get('one');
    expect(asked).toHaveLength(3);
  } finally {
    vi.useRealTimers();
  }
});
