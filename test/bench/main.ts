import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import { bigRepository } from '../repositories/big.ts';
import { documentRepository } from '../repositories/documents.ts';
import { longHistory } from '../repositories/long-history.ts';
import { projectKey, startBenchServer } from './bench-server.ts';
import { poolFigures, poolTable } from './pool.ts';
import { pullRequestFigures, pullRequestTable } from './pull-requests.ts';
import { figuresOf, heading, machine, table } from './report.ts';
import { resticFigures, resticTable } from './restic.ts';
import { runRound, type Round } from './round.ts';
import { unchangedFigures, unchangedTable } from './unchanged.ts';

/*
 * Backs up three kinds of repo and mirrors them with git, in turn, from the same server; then restores them. Blobs that nothing compresses are
 * what git clones fastest, for it has hardly an object to unpack; documents of text
 * are what large repos are mostly made of; a long history of small texts is what most repos are.
 */
const { values } = parseArgs({
  options: {
    /** Size of the repo of large blobs; 0 leaves it out. */
    megabytes: { type: 'string', default: '700' },
    /** Size of the repo of texts, packed; 0 leaves it out. */
    documents: { type: 'string', default: '700' },
    /** Length of the history of small texts, about nine objects a commit; 0 leaves it out. */
    commits: { type: 'string', default: '35000' },
    /** How many pull requests of 30 comments a repo has; 0 leaves it out. */
    'pull-requests': { type: 'string', default: '10000' },
    /** How many repos are found unchanged; 0 leaves it out. */
    unchanged: { type: 'string', default: '1000' },
    /** Length of the history that is backed up beside git and restic; 0 leaves it out. */
    restic: { type: 'string', default: '8000' },
    /** For how many seconds each pace of the pool is measured; 0 leaves it out. */
    pool: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const [megabytes, documents] = [Number(values.megabytes), Number(values.documents)] as const;
const [commits, rounds] = [Number(values.commits), Number(values.rounds)] as const;
const folder = await mkdtemp(join(tmpdir(), 'gitprotect-bench-'));
try {
  const needed = (Math.max(megabytes, documents) * 4 + commits * 0.05) * 1e6;
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < needed) throw new Error(`the bench needs ${formatBytes(needed)} of free space in ${tmpdir()}`);
  await bench();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const where = machine();
  say(heading(where));
  const kinds = [];
  if (megabytes > 0) kinds.push(await large());
  if (documents > 0) kinds.push(await texts());
  if (commits > 0) kinds.push(await long());
  const count = Number(values['pull-requests']);
  if (count > 0) say(`making ${formatCount(count, 'pull request')} …`);
  const pullRequests = count > 0 ? await pullRequestFigures(count, folder) : null;
  const still = Number(values.unchanged);
  if (still > 0) say(`backing up ${formatCount(still, 'repo')} …`);
  const unchanged = still > 0 ? await unchangedFigures(still, folder) : null;
  const beside = Number(values.restic);
  if (beside > 0) say('backing up beside git and restic …');
  const restic = beside > 0 ? await resticFigures(beside, folder) : undefined;
  const seconds = Number(values.pool);
  if (seconds > 0) say('measuring the pool …');
  const pool = seconds > 0 ? await poolFigures(seconds) : null;
  const tables = [
    ...kinds.map(table),
    ...(pullRequests === null ? [] : [pullRequestTable(pullRequests)]),
    ...(unchanged === null ? [] : [unchangedTable(unchanged)]),
    ...(restic === undefined ? [] : [resticTable(restic)]),
    ...(pool === null ? [] : [poolTable(pool)]),
  ];
  console.log(
    values.json
      ? JSON.stringify({ machine: where, kinds, pullRequests, unchanged, restic, pool }, null, 2)
      : [heading(where), ...tables].join('\n'),
  );
}

async function large() {
  const dir = join(folder, 'large.git');
  say(`making a repo of ${megabytes} MB …`);
  await bigRepository(dir, { megabytes, commits: megabytes });
  return figuresOf('large blobs', await roundsOver(dir));
}

async function texts() {
  const dir = join(folder, 'texts.git');
  say(`making a repo of ${documents} MB of texts …`);
  await documentRepository(dir, { megabytes: documents });
  return figuresOf('documents of text', await roundsOver(dir));
}

async function long() {
  const dir = join(folder, 'long.git');
  say(`making a repo of ${formatCount(commits, 'commit')} …`);
  const objects = await longHistory(dir, { commits });
  return figuresOf(`small texts, ${formatCount(objects, 'object')} in deltas`, await roundsOver(dir));
}

async function roundsOver(dir: string): Promise<Round[]> {
  await using server = await startBenchServer();
  const { simulator, token } = server;
  server.addRepo('repo', dir);
  const done: Round[] = [];
  while (done.length < rounds) {
    const round = await runRound({ simulator, projectKey, slug: 'repo', token }, folder);
    done.push(round);
    const [clone, backup, restore] = [round.clone, round.backup, round.restore].map(({ milliseconds }) => formatDuration(milliseconds));
    say(`  round ${done.length}: clone ${clone}, backup ${backup}, restore ${restore}`);
  }
  await rm(dir, { recursive: true });
  return done;
}

/** Beside the result, so that `--json` stays clean. */
function say(text: string): void {
  console.error(text);
}
