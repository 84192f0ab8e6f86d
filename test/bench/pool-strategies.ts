import { workThrough } from '@gitprotect/agent/backup/work-through';
import { withLease } from '@gitprotect/agent/credentials/with-lease';
import { atOnce } from '@gitprotect/agent/lib/at-once';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { asAppError } from '@gitprotect/shared/errors';
import type { Users } from './pool-users.ts';

/** Makes the requests of one task, one after the other. */
type Task = (users: Users, task: number, requests: number) => Promise<void>;

const { signal } = new AbortController();

const idsOf = ({ whoSees }: Users, task: number): string[] => whoSees(task).map(({ credentialId }) => credentialId);

/** Each request with whoever can best afford it. It may use all of everybody's limit here, as the others do. */
const byRequest: Task = async (users, task, requests) => {
  const { pool, ask } = users;
  const credentialIds = idsOf(users, task);
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

/** How many tasks are under way at once, whoever picks. */
const together = 4;

/** Does all tasks. */
type Strategy = (users: Users, size: Size) => Promise<void>;

interface Size {
  readonly tasks: number;
  readonly requests: number;
}

const tasksOf = ({ tasks }: Size): number[] => Array.from({ length: tasks }, (_, task) => task);

/** As a run of the agent does: the next task where there are requests to spare, each of its requests with whoever can afford it. */
const asTheAgent: Strategy = async (users, size) =>
  workThrough(tasksOf(size), {
    atOnce: together,
    notDoneBefore: size.tasks,
    now: () => systemClock.now(),
    lineOf: (task) => idsOf(users, task).join(' '),
    outlook: (task) => users.pool.outlook({ serverId: 's', projectId: 'p', credentialIds: idsOf(users, task), share: 1 }),
    work: (task) => byRequest(users, task, size.requests),
  });

/** Tasks in their order. */
const inOrder =
  (task: () => Task): Strategy =>
  async (users, size) => {
    const work = task();
    await atOnce(tasksOf(size), together, (number) => work(users, number, size.requests));
  };

export const strategies = {
  asTheAgent,
  /** Tasks take turns. */
  roundRobin: inOrder(() => byTask((task) => task)),
  /** All use the first one, until it is throttled. */
  drainOne: inOrder(() => byTask(() => 0)),
} as const satisfies Record<string, Strategy>;

/** Milliseconds that all tasks took. */
export async function timeOf(strategy: Strategy, users: Users, size: Size): Promise<number> {
  const started = performance.now();
  await strategy(users, size);
  return performance.now() - started;
}
