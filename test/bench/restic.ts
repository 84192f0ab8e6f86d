import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connectToAgent } from '@gitprotect/agent/cli/connect';
import { formatBytes, formatDuration } from '@gitprotect/shared/format';
import * as v from 'valibot';
import { startAgent } from '../command-line.ts';
import { MovingRepo } from '../soak/moving-repo.ts';
import { projectKey, startBenchServer } from './bench-server.ts';
import { measure } from './measure.ts';
import { prepareAgent } from './prepare-agent.ts';

/** As many days of pushes, each backed up. */
const days = 30;

/** What both do: milliseconds, and bytes in storage. */
interface Side {
  readonly first: number;
  readonly unchanged: number;
  /** The middle one of the days. */
  readonly change: number;
  readonly restore: number;
  readonly firstBytes: number;
  /** Bytes that the days added. */
  readonly addedBytes: number;
}

/** One of the two, on one repo. */
interface Backup {
  run(): Promise<number>;
  /** Into a folder, to a repo that git serves, and checked by git that nothing is missing: the agent does so as it restores, beside restic it is done after. */
  restore(folder: string): Promise<number>;
  bytes(): Promise<number>;
}

const isThere = (program: string): boolean => spawnSync(program, ['version'], { stdio: 'ignore' }).status === 0;

/** `git clone --mirror` or `fetch`, then `restic backup` of the mirror, beside a running agent, on the same repo; `null` without restic. */
export async function resticFigures(commits: number, folder: string) {
  if (!isThere('restic')) return null;
  await using server = await startBenchServer();
  const { simulator, token } = server;
  const root = join(folder, 'restic');
  try {
    const moving = await MovingRepo.begin(join(root, 'moving.git'), commits);
    server.addRepo('repo', moving.folder);
    const home = join(root, 'home');
    mkdirSync(home, { mode: 0o700 });
    const prepared = await prepareAgent({ home, serverUrl: simulator.url, projectKey, token, gitAlone: true });
    await using _ = await startAgent(home, [], { env: { GITPROTECT_VAULT: 'key-file' } });
    const sides = { agent: agentIn(home, prepared), restic: mirrorIn(root, `${simulator.url}/scm/bench/repo.git`, token) };
    const agent: Times = { days: [] };
    const restic: Times = { days: [] };
    const both = async (what: 'first' | 'unchanged' | 'day'): Promise<void> => {
      for (const [side, times] of [
        [sides.agent, agent],
        [sides.restic, restic],
      ] as const) {
        const milliseconds = await side.run();
        if (what === 'day') times.days.push(milliseconds);
        else times[what] = milliseconds;
        if (what === 'first') times.bytes = await side.bytes();
      }
    };
    await both('first');
    await both('unchanged');
    for (let day = 0; day < days; day += 1) {
      await moving.live(day);
      await both('day');
    }
    const sideOf = async (side: Backup, { first = 0, unchanged = 0, bytes = 0, ...times }: Times, name: string): Promise<Side> => ({
      first,
      unchanged,
      change: times.days.toSorted((a, b) => a - b)[Math.floor(days / 2)] ?? 0,
      restore: await side.restore(join(root, `restored-${name}`)),
      firstBytes: bytes,
      addedBytes: (await side.bytes()) - bytes,
    });
    return { commits, agent: await sideOf(sides.agent, agent, 'agent'), restic: await sideOf(sides.restic, restic, 'restic') };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

interface Times {
  first?: number;
  unchanged?: number;
  readonly days: number[];
  bytes?: number;
}

const PrunePlan = v.object({ bytes: v.number() });

/** The agent as it runs on a machine, driven by the command line. Its upkeep, which restic has none of, is waited for and not counted. */
function agentIn(home: string, prepared: Awaited<ReturnType<typeof prepareAgent>>): Backup {
  const { signal } = new AbortController();
  return {
    run: async () => {
      const { milliseconds } = await prepared.run();
      await using connection = await connectToAgent({ home, signal });
      const failed = (await connection.call('upkeep.run', {})).filter((one) => one.state !== 'done');
      if (failed.length > 0) throw new Error(`upkeep failed: ${failed.map(({ message }) => message).join()}`);
      return milliseconds;
    },
    restore: async (to) => (await prepared.restore(`${projectKey}/repo`, to)).milliseconds,
    // What was merged away goes after the time of grace.
    bytes: async () =>
      prepared.storageBytes() - v.parse(PrunePlan, JSON.parse((await prepared.command(['prune', '--dry-run', '--json'])).stdout)).bytes,
  };
}

function mirrorIn(root: string, url: string, token: string): Backup {
  const mirror = join(root, 'mirror.git');
  const repository = join(root, 'restic');
  const git = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraHeader', GIT_CONFIG_VALUE_0: `Authorization: Bearer ${token}` };
  const restic = { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: 'bench', XDG_CACHE_HOME: join(root, 'cache') };
  let begun = false;
  return {
    run: async () => {
      const fetched = begun
        ? await measure('git', ['-C', mirror, 'fetch', '--prune', '--quiet'], git)
        : await measure('git', ['clone', '--mirror', '--quiet', url, mirror], git);
      // Made once, as the agent's storage is.
      if (!begun) await measure('restic', ['init', '--quiet'], restic);
      begun = true;
      return fetched.milliseconds + (await measure('restic', ['backup', '--quiet', mirror], restic)).milliseconds;
    },
    restore: async (to) => {
      const restored = await measure('restic', ['restore', 'latest', '--quiet', '--target', to], restic);
      const checked = await measure('git', ['-C', join(to, mirror), 'fsck', '--connectivity-only', '--no-dangling', '--no-progress'], {});
      return restored.milliseconds + checked.milliseconds;
    },
    bytes: async () =>
      readdirSync(repository, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0),
  };
}

/** A table for people. */
export function resticTable(figures: Awaited<ReturnType<typeof resticFigures>>): string {
  if (figures === null) return '\nbeside git and restic: restic is not installed (apt-get install restic)';
  const { agent, restic, commits } = figures;
  const line = (what: string, of: (side: Side) => number, words: (value: number) => string): string =>
    `  ${what.padEnd(30)}${words(of(agent)).padEnd(10)} ${words(of(restic)).padEnd(10)} ${(of(agent) / of(restic)).toFixed(2)} ×`;
  return `
a history of ${commits} commits, and ${days} days of pushes    agent      git and restic
${line('first backup', ({ first }) => first, formatDuration)}
${line('the same again, unchanged', ({ unchanged }) => unchanged, formatDuration)}
${line('after a day of pushes', ({ change }) => change, formatDuration)}
${line('restored, checked by git', ({ restore }) => restore, formatDuration)}
${line('bytes of the first backup', ({ firstBytes }) => firstBytes, formatBytes)}
${line('bytes that the days added', ({ addedBytes }) => addedBytes, formatBytes)}`;
}
