import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatBytes, formatDuration } from '@gitprotect/shared/format';
import { Simulator } from '../bitbucket/simulator.ts';
import { bigRepository } from '../repositories/big.ts';
import { measure, type Figures } from './measure.ts';
import { prepareAgent } from './prepare-agent.ts';

/*
 * Backs up one large repo and mirrors it with git, in turn, from the same server, and prints the ratios. Figures of one run belong together;
 * those of two machines do not.
 */
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '700' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const megabytes = Number(values.megabytes);
const folder = await mkdtemp(join(tmpdir(), 'gitprotect-bench-'));
try {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < megabytes * 5e6) throw new Error(`the bench needs ${formatBytes(megabytes * 5e6)} of free space in ${tmpdir()}`);
  await bench();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  await using simulator = await Simulator.start();
  const { state } = simulator;
  const user = state.addUser({ name: 'bench' });
  const project = state.addProject({ key: 'BENCH' });
  state.grant(user, 'PROJECT_READ', project);
  const { secret } = state.addToken({ user, name: 'bench', permissions: ['PROJECT_READ', 'REPO_READ'] });
  const big = join(folder, 'big.git');
  console.error(`making a repository of ${megabytes} MB …`);
  await bigRepository(big, { megabytes, commits: megabytes });
  state.addRepo({ project, name: 'big', folder: big });
  const url = `${simulator.url}/scm/bench/big.git`;

  const rounds: { clone: Figures; backup: Figures; unchanged: Figures; requests: number; peak: number }[] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const mirror = join(folder, `mirror-${round}.git`);
    const clone = await measure('git', ['clone', '--mirror', '--quiet', url, mirror], {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: Bearer ${secret}`,
    });
    await rm(mirror, { recursive: true, force: true });

    const agent = await prepareAgent({ home: join(folder, `home-${round}`), serverUrl: simulator.url, projectKey: 'BENCH', token: secret });
    const backup = await agent.run();
    const before = simulator.requests.length;
    const unchanged = await agent.run();
    const requests = simulator.requests.slice(before).filter(({ git }) => git !== undefined).length;
    // What lies beside the backup itself: a copy of the repo would show here.
    const peak = backup.diskPeak - (await agent.storageBytes());
    rounds.push({ clone, backup, unchanged, requests, peak });
    const row = rounds.at(-1);
    console.error(
      `round ${round}: clone ${formatDuration(clone.milliseconds)}, backup ${formatDuration(backup.milliseconds)}, ratio ${ratio(row)}`,
    );
    await rm(join(folder, `home-${round}`), { recursive: true, force: true });
  }
  report(rounds);
}

type Round = { clone: Figures; backup: Figures; unchanged: Figures; requests: number; peak: number };

function ratio(round: Round | undefined): string {
  return round === undefined ? '' : (round.backup.milliseconds / round.clone.milliseconds).toFixed(2);
}

function report(rounds: readonly Round[]): void {
  const middle = (pick: (round: Round) => number): number => rounds.map(pick).toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? 0;
  const figures = {
    megabytes,
    rounds: rounds.length,
    cloneMilliseconds: middle(({ clone }) => clone.milliseconds),
    backupMilliseconds: middle(({ backup }) => backup.milliseconds),
    ratio: middle(({ backup, clone }) => backup.milliseconds / clone.milliseconds),
    cpuRatio: middle(({ backup, clone }) => backup.cpuMilliseconds / clone.cpuMilliseconds),
    agentPeakMemory: Math.max(...rounds.map(({ backup }) => backup.peakMemory)),
    bytesBesideTheBackup: Math.max(...rounds.map(({ peak }) => peak)),
    unchangedMilliseconds: middle(({ unchanged }) => unchanged.milliseconds),
    unchangedGitRequests: Math.max(...rounds.map(({ requests }) => requests)),
  };
  if (values.json) console.log(JSON.stringify(figures, null, 2));
  else {
    console.log(`
A repository of ${megabytes} MB, ${rounds.length} rounds in turn, medians:
  git clone --mirror            ${formatDuration(figures.cloneMilliseconds)}
  backup, sealed and committed  ${formatDuration(figures.backupMilliseconds)}   ${figures.ratio.toFixed(2)} × the time, ${figures.cpuRatio.toFixed(2)} × the CPU of the client
  agent memory at its peak      ${formatBytes(figures.agentPeakMemory)}
  on disk beside the backup     ${formatBytes(Math.max(0, figures.bytesBesideTheBackup))}
  the same again, unchanged     ${formatDuration(figures.unchangedMilliseconds)}, ${figures.unchangedGitRequests} git request`);
  }
}
