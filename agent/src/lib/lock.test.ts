import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { systemClock as clock } from './clock.ts';
import { findHolder, takeLock } from './lock.ts';

const newHome = () => mkdtempSync(join(tmpdir(), 'gitprotect-lock-'));

/** Another process that takes the lock of `home`, announces port 4711 and waits. */
async function otherAgent(home: string) {
  const script = join(home, 'holder.ts');
  const lock = fileURLToPath(new URL('lock.ts', import.meta.url));
  writeFileSync(
    script,
    `import { takeLock } from ${JSON.stringify(lock)};
     const lock = await takeLock(${JSON.stringify(home)}, { purpose: 'agent', clock: { now: () => 0, sleep: async () => {} } });
     await lock.announce(4711);
     process.send('held');
     process.on('disconnect', () => process.exit());`,
  );
  const child = fork(script, { execArgv: [] });
  await once(child, 'message');
  return child;
}

describe('the lock of a home', () => {
  test('is held by one, who can be found, until it is given back', async () => {
    const home = newHome();
    expect(await findHolder(home)).toBeNull();
    {
      await using lock = await takeLock(home, { purpose: 'agent', clock });
      expect(await findHolder(home)).toMatchObject({ purpose: 'agent', pid: process.pid, port: null });
      await lock.announce(7717);
      expect(await findHolder(home)).toMatchObject({ port: 7717 });
      await expect(takeLock(home, { purpose: 'command', clock })).rejects.toMatchObject({
        code: 'agent-running',
        facts: { pid: process.pid, port: 7717 },
      });
    }
    expect(await findHolder(home)).toBeNull();
    await using again = await takeLock(home, { purpose: 'command', clock });
    expect(again).toBeDefined();
  });

  test('keeps other processes out, and is free at once when its process is killed', async () => {
    const home = newHome();
    const other = await otherAgent(home);
    const exited = once(other, 'exit');
    try {
      expect(await findHolder(home)).toMatchObject({ pid: other.pid, port: 4711 });
      await expect(takeLock(home, { purpose: 'agent', clock })).rejects.toThrow(`process ${other.pid}, port 4711`);
    } finally {
      other.kill('SIGKILL');
      await exited;
    }
    expect(await findHolder(home)).toBeNull();
    await using lock = await takeLock(home, { purpose: 'agent', clock });
    await lock.announce(1);
    expect(await findHolder(home)).toMatchObject({ pid: process.pid, port: 1 });
  });

  test('is taken by exactly one of many that come at once', async () => {
    const home = newHome();
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(home, { purpose: 'agent', clock })));
    const held = results.filter((result) => result.status === 'fulfilled');
    expect(held).toHaveLength(1);
    for (const { value } of held) await value[Symbol.asyncDispose]();
  });

  test('belongs to one home: another home has its own', async () => {
    await using first = await takeLock(newHome(), { purpose: 'agent', clock });
    await using second = await takeLock(newHome(), { purpose: 'agent', clock });
    expect(first).not.toBe(second);
  });
});
