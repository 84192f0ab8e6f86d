import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import Sqlite from 'better-sqlite3';
import * as v from 'valibot';
import type { Clock } from './clock.ts';
import { createPrivate, writePrivate } from './private-file.ts';

const Holder = v.object({
  /** `command`: a command that changes things while no agent runs; it listens nowhere. */
  purpose: v.picklist(['agent', 'command']),
  pid: v.number(),
  port: v.nullable(v.number()),
  since: v.pipe(v.string(), v.isoTimestamp()),
});

/** Who works in a home now. */
export type Holder = v.InferOutput<typeof Holder>;

/** The right to change what is in a home. Given back when disposed, and by the system when the process dies. */
export interface HomeLock extends AsyncDisposable {
  /** Tells the command line where the agent listens. */
  announce(port: number): Promise<void>;
}

const lockFile = (home: string): string => join(home, 'agent.lock');
const holderFile = (home: string): string => join(home, 'agent.json');

/**
 * Takes the lock of a home. It is a lock of the operating system on `agent.lock`, taken through SQLite: it ends with its process, however
 * that ends, so it is never stale, whatever was rebooted, restored from a copy, or runs in another container with the same process ids.
 * Nobody else may open that file: POSIX drops a process's locks on a file when the process closes it anywhere.
 * @throws AppError `agent-running` with `pid` and `port` in its facts
 */
export async function takeLock(home: string, { purpose, clock }: { purpose: Holder['purpose']; clock: Clock }): Promise<HomeLock> {
  const lock = tryLock(home, 'EXCLUSIVE', 100);
  if (lock === null) throw running(home, await readHolder(home));
  const tell = (port: number | null): Promise<void> => {
    const holder: Holder = { purpose, pid: process.pid, port, since: new Date(clock.now()).toISOString() };
    return writePrivate(holderFile(home), `${JSON.stringify(holder)}\n`);
  };
  try {
    await tell(null);
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    announce: tell,
    async [Symbol.asyncDispose]() {
      await rm(holderFile(home), { force: true });
      lock.close();
    },
  };
}

/** Who holds the lock of a home; `null` when nobody does, whatever a process that was killed left behind. */
export async function findHolder(home: string): Promise<Holder | null> {
  if (!existsSync(lockFile(home))) return null;
  const free = tryLock(home, 'SHARED', 0);
  free?.close();
  return free === null ? readHolder(home) : null;
}

async function readHolder(home: string): Promise<Holder | null> {
  try {
    return v.parse(Holder, JSON.parse(await readFile(holderFile(home), 'utf8')));
  } catch {
    return null; // held since a moment ago: it has not said who it is
  }
}

/** The lock, or `null` when another process (or another part of this one) holds it after `patience` milliseconds. Closing gives it back. */
function tryLock(home: string, kind: 'EXCLUSIVE' | 'SHARED', patience: number): Sqlite.Database | null {
  createPrivate(lockFile(home));
  const lock = new Sqlite(lockFile(home), { timeout: patience });
  try {
    lock.exec(kind === 'EXCLUSIVE' ? 'BEGIN EXCLUSIVE' : 'BEGIN; SELECT count(*) FROM sqlite_master');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
}

function running(home: string, holder: Holder | null): AppError {
  const what = holder === null ? 'another process' : holder.purpose === 'command' ? 'another command' : 'another agent';
  const port = holder?.port ?? null;
  const who = holder === null ? '' : ` (process ${holder.pid}${port === null ? '' : `, port ${port}`})`;
  return new AppError('agent-running', `${what} is working in ${home}${who}`, {
    remedy: holder?.purpose === 'command' ? 'wait until it has ended, then try again' : 'use the one that runs, or stop it first',
    facts: { ...(holder === null ? {} : { pid: holder.pid }), ...(port === null ? {} : { port }) },
  });
}
