import { withLease } from '@gitprotect/agent/credentials/with-lease';
import { atOnce } from '@gitprotect/agent/lib/at-once';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { asAppError } from '@gitprotect/shared/errors';
import type { Users } from './pool-users.ts';

/** Makes the requests of one task, one after the other. */
type Task = (users: Users, task: number, requests: number) => Promise<void>;

const { signal } = new AbortController();

/** As the agent does: each request with whoever can best afford it. It may use all of everybody's limit here, as the others do. */
const byRequest: Task = async ({ pool, whoSees, ask }, task, requests) => {
  const credentialIds = whoSees(task).map(({ credentialId }) => credentialId);
  for (let n = 0; n < requests; n += 1) {
    await withLease(
      { serverId: 's', projectId: 'p', credentialIds, purpose: 'rest', share: 1 },
      (lease) => ask(lease.credentialId, lease.answered),
      { pool, clock: systemClock, signal },
    );
  }
};

/** An account for each task, the next when it is throttled, and a pause when all are. `first`: with which of those who may a task begins. */
function byTask(first: (task: number) => number): Task {
  const throttledUntil = new Map<string, number>();
  return async ({ whoSees, ask }, task, requests) => {
    const accounts = whoSees(task).map(({ credentialId }) => credentialId);
    const free = (at: number): boolean => (throttledUntil.get(accounts[at % accounts.length] ?? '') ?? 0) <= Date.now();
    let current = first(task);
    for (let done = 0; done < requests;) {
      const next = accounts.findIndex((_, ahead) => free(current + ahead));
      if (next < 0) {
        await systemClock.sleep(Math.max(1, Math.min(...accounts.map((id) => throttledUntil.get(id) ?? 0)) - Date.now()));
        continue;
      }
      current += next;
      const id = accounts[current % accounts.length] ?? '';
      try {
        await ask(id);
        done += 1;
      } catch (caught) {
        const { code, facts } = asAppError(caught);
        if (code !== 'throttled') throw caught;
        throttledUntil.set(id, Date.now() + Number(facts['retryAfterSeconds'] ?? 1) * 1000);
      }
    }
  };
}

/** New ones each time: what one run found out is not the next one's. */
export const strategies = {
  byRequest: () => byRequest,
  /** Tasks take turns. */
  roundRobin: () => byTask((task) => task),
  /** All use the first one, until it is throttled. */
  drainOne: () => byTask(() => 0),
} as const;

/** Milliseconds that all tasks took, four at once. */
export async function timeOf(task: Task, users: Users, { tasks, requests }: { tasks: number; requests: number }): Promise<number> {
  const started = performance.now();
  await atOnce(
    Array.from({ length: tasks }, (_, number) => number),
    4,
    async (number) => task(users, number, requests),
  );
  return performance.now() - started;
}
