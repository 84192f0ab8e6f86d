import { usualShare } from '@gitprotect/agent/credentials/bucket';
import { withLease } from '@gitprotect/agent/credentials/with-lease';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { formatCount, formatDuration } from '@gitprotect/shared/format';
import { strategies, timeOf } from './pool-strategies.ts';
import { startUsers, type BenchUser } from './pool-users.ts';

const usual: BenchUser = { capacity: 60, fillRate: 5, sees: () => true };

/** Until bursts are spent and, where nobody tells them, limits found out, in seconds. */
const settling = { told: 30, found: 60 } as const;

/** How much of what the users' limits and the share allow is used, asking without a pause, and how many of the answers are refusals. */
async function pace(count: number, told: boolean, seconds: number) {
  await using users = await startUsers(
    Array.from({ length: count }, () => usual),
    told,
  );
  const stop = new AbortController();
  const credentialIds = users.credentials.map(({ credentialId }) => credentialId);
  const wanted = { serverId: 's', projectId: 'p', credentialIds, purpose: 'rest' } as const;
  const asking = Array.from({ length: 8 }, async () => {
    while (!stop.signal.aborted) {
      await withLease(wanted, (lease) => users.ask(lease.credentialId, lease.answered), {
        pool: users.pool,
        clock: systemClock,
        signal: stop.signal,
      }).catch(() => stop.signal.aborted || Promise.reject(new Error('a request failed')));
    }
  });
  await systemClock.sleep(settling[told ? 'told' : 'found'] * 1000);
  const before = users.requests.length;
  await systemClock.sleep(seconds * 1000);
  const answers = users.requests.slice(before).filter(({ status, path }) => status > 0 && !path.includes('rate-limit'));
  stop.abort();
  await Promise.all(asking);
  const refused = answers.filter(({ status }) => status === 429).length;
  const allowed = count * usual.fillRate * usualShare * seconds;
  return { users: count, told, ratio: (answers.length - refused) / allowed, refused: refused / answers.length };
}

const all = () => true;
/** Three projects of as many repos, in the order in which Bitbucket lists them. */
const inProject = (project: number) => (repo: number) => Math.floor(repo / 20) === project;

/** Each of 60 repos takes ten requests. */
const size = { tasks: 60, requests: 10 } as const;
const ten = { capacity: 10, fillRate: 10 } as const;

const work = {
  'three users alike': [
    { ...ten, sees: all },
    { ...ten, sees: all },
    { ...ten, sees: all },
  ],
  'limits of 12, 5 and 20 a second': [
    { capacity: 4, fillRate: 12, sees: all },
    { capacity: 30, fillRate: 5, sees: all },
    { capacity: 8, fillRate: 20, sees: all },
  ],
  'one sees all, two a project each': [
    { ...ten, sees: all },
    { ...ten, sees: inProject(0) },
    { ...ten, sees: inProject(1) },
  ],
  'each sees their own project': [
    { ...ten, sees: inProject(0) },
    { ...ten, sees: inProject(1) },
    { ...ten, sees: inProject(2) },
  ],
} as const satisfies Record<string, readonly BenchUser[]>;

/** How long the same work takes when each request goes to whoever can afford it, and when each task has its account. */
async function compare(name: keyof typeof work) {
  const users = work[name];
  const timed = async (strategy: keyof typeof strategies): Promise<number> => {
    await using here = await startUsers(users, true);
    return await timeOf(strategies[strategy], here, size);
  };
  const [milliseconds, roundRobin, drainOne] = await Promise.all([timed('asTheAgent'), timed('roundRobin'), timed('drainOne')]);
  return {
    name,
    requests: size.tasks * size.requests,
    milliseconds,
    roundRobin: roundRobin / milliseconds,
    drainOne: drainOne / milliseconds,
  };
}

/** @param seconds how long each pace is measured */
export async function poolFigures(seconds: number) {
  const counts = [1, 2, 4, 8];
  const paces = [
    ...(await Promise.all(counts.map(async (count) => pace(count, true, seconds)))),
    ...(await Promise.all(counts.map(async (count) => pace(count, false, seconds)))),
  ];
  const works = [];
  for (const name of Object.keys(work) as (keyof typeof work)[]) works.push(await compare(name));
  return { seconds, share: usualShare, paces, works };
}

/** A table for people. */
export function poolTable({ seconds, share, paces, works }: Awaited<ReturnType<typeof poolFigures>>): string {
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
  return `
the pool: users of ${usual.capacity} requests, ${usual.fillRate} more a second, of which ${share * 100} % may be used; ${seconds} seconds of a steady pace
${paces
  .map(
    ({ users, told, ratio, refused }) =>
      `  ${formatCount(users, 'user').padEnd(8)} limits ${told ? 'told  ' : 'unknown'}   ${percent(ratio).padEnd(8)} of what is allowed, ${percent(refused)} refused`,
  )
  .join('\n')}
the same work with an account for each task (in turn; the first until it is throttled), beside the agent's: the next task and each request where there are some to spare
${works
  .map(
    ({ name, requests, milliseconds, roundRobin, drainOne }) =>
      `  ${name.padEnd(34)} ${formatCount(requests, 'request')} in ${formatDuration(milliseconds)}; in turn ${roundRobin.toFixed(2)} x, the first one ${drainOne.toFixed(2)} x as long`,
  )
  .join('\n')}`;
}
