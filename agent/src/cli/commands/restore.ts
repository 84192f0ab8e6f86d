import { resolve } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import type { Call, Params } from '@gitprotect/shared/protocol';
import { ProjectKey } from '@gitprotect/shared/repo';
import type { RestoreReport } from '@gitprotect/shared/snapshot';
import * as v from 'valibot';
import type { Arguments, Command, Context } from '../command.ts';
import { asId, repoNamed, serverNamed, storageNamed } from '../resolve.ts';
import { leaveOut } from '../plan-settings.ts';
import { reportLines } from '../restore-report.ts';
import { bad, good } from '../terminal.ts';

export const restoreCommands: readonly Command[] = [
  {
    name: 'restore',
    usage:
      'PROJECT/repo [--snapshot ID | --at TIME] [--from STORAGE] --to-folder DIR [--pull-request N] | PROJECT/repo ... | PROJECT --to-project KEY [--as NAME] [--server URL] --token-stdin [--settings-only] [--leave-out KIND ...] [--dry-run]',
    summary: 'bring back a repo or a project, into a folder or into Bitbucket, and compare it with the backup',
    options: {
      from: { type: 'string' },
      snapshot: { type: 'string' },
      at: { type: 'string' },
      run: { type: 'string' },
      'to-folder': { type: 'string' },
      'pull-request': { type: 'string' },
      'to-project': { type: 'string' },
      as: { type: 'string' },
      server: { type: 'string' },
      'token-stdin': { type: 'boolean' },
      'settings-only': { type: 'boolean' },
      'leave-out': { type: 'string', multiple: true },
      'dry-run': { type: 'boolean' },
    },
    takes: [1, 1000],
    run: async (context, args) => {
      const [folder, project] = [args.text('to-folder'), args.text('to-project')];
      if ((folder === undefined) === (project === undefined))
        throw new AppError('bad-request', 'restore needs one place to restore to', {
          remedy: 'name an empty or new folder: --to-folder DIR; or a project of a Bitbucket: --to-project KEY --token-stdin',
        });
      return folder === undefined ? toProject(context, args, project ?? '') : toFolder(context, args, folder);
    },
  },
];

/** Which state of it. */
function moment(args: Arguments): { snapshotId?: string; at?: string } {
  const at = args.text('at');
  if (at !== undefined && Number.isNaN(Date.parse(at)))
    throw new AppError('bad-request', `“${at}” is not a time`, { remedy: 'write it like 2026-03-01T12:00:00Z' });
  const snapshot = args.text('snapshot');
  return {
    ...(snapshot === undefined ? {} : { snapshotId: asId(snapshot.padStart(8, '0'), { word: 'snapshot', list: 'snapshots' }) }),
    ...(at === undefined ? {} : { at: new Date(at).toISOString() }),
  };
}

/** The storage it comes from, where that is not the one in use. */
async function origin(args: Arguments, call: Call): Promise<{ from?: string }> {
  const name = args.text('from');
  return name === undefined ? {} : { from: (await storageNamed(call, name)).id };
}

async function toFolder({ session, terminal }: Context, args: Arguments, folder: string): Promise<number> {
  if (args.positionals.length > 1)
    throw new AppError('bad-request', 'into a folder goes one repository', { remedy: 'restore them one after the other' });
  const { call } = await session();
  const which = { repo: repoNamed(args.word(0)), folder: resolve(folder), ...moment(args), ...(await origin(args, call)) };
  const pullRequest = args.count('pull-request');
  if (pullRequest !== undefined) {
    const written = await call('restore.archive', { ...which, pullRequest });
    terminal.result(
      written,
      `${good('written')}: pull request ${pullRequest} of ${args.word(0)}, to read offline: ${written.folder}/index.html`,
    );
    return 0;
  }
  const report = await call('restore.to-folder', which);
  terminal.result(report, folderWords(report));
  return report.verified ? 0 : 1;
}

function folderWords({
  snapshot: from,
  refs,
  bytes,
  milliseconds,
  verified,
  folder,
  differences,
  fsck,
  lfs,
  records,
  pullRequests,
}: RestoreReport): string {
  const what = `${from.projectKey}/${from.slug} as of ${from.takenAt} (snapshot ${from.id})`;
  const figures = `${formatCount(refs, 'ref')}, ${formatBytes(bytes)}, ${formatDuration(milliseconds)}`;
  const beside = [
    lfs.objects > 0 ? `${formatCount(lfs.objects, 'large file')} in lfs/` : '',
    records > 0 ? `${formatCount(records, 'metadata record')} in gitprotect/metadata/` : '',
    pullRequests > 0 ? `${formatCount(pullRequests, 'pull request')} to read offline: gitprotect/archive/index.html` : '',
  ].filter((text) => text !== '');
  const missing = lfs.missing.map((text) => bad(`large file missing: ${text}`));
  return [
    verified ? `${good('restored and verified')}: ${what} in ${folder}` : `${bad('restored, but it differs')}: ${what} in ${folder}`,
    verified ? `${figures}; every ref equals the manifest, ${missingWords(from.lost ?? 0)}` : figures,
    ...beside,
    ...missing,
    ...differences,
    ...(verified ? [] : fsck),
  ].join('\n');
}

function missingWords(lost: number): string {
  return lost === 0
    ? 'git misses nothing'
    : `git misses nothing but what the server itself had lost: ${formatCount(lost, 'object or ref', 'objects and refs')}`;
}

async function toProject({ session, terminal }: Context, args: Arguments, key: string): Promise<number> {
  if (!v.is(ProjectKey, key))
    throw new AppError('bad-request', `“${String(key)}” is not a project's key`, {
      remedy: 'letters, digits, . _ and -, for example ORCH',
    });
  const live = await session();
  const { call } = live;
  const to = {
    serverId: (await targetServer(call, args)).id,
    projectKey: key,
    ...(args.text('as') === undefined ? {} : { name: args.text('as') }),
  };
  // A token is never an argument: arguments are readable by every user of the machine.
  const token = await terminal.readInput('a token that may write there');
  const left = leaveOut(args);
  const stop = live.on('restore.progress', ({ what, done, of }) => terminal.progress(of > 1 ? `${done} of ${of}: ${what}` : what));
  const report = await call('restore.to-server', {
    ...sources(args),
    ...(await origin(args, call)),
    to,
    token,
    dryRun: args.flag('dry-run'),
    settingsOnly: args.flag('settings-only'),
    ...(left === undefined ? {} : { leaveOut: left }),
  }).finally(stop);
  terminal.result(report, reportLines(report).join('\n'));
  return report.dryRun || report.verified ? 0 : 1;
}

/** Repos as they are named, or a whole project. */
function sources(args: Arguments): Pick<Params<'restore.to-server'>, 'repos' | 'project'> {
  const [first = ''] = args.positionals;
  const when = moment(args);
  if (args.positionals.length === 1 && !first.includes('/')) {
    if (!v.is(ProjectKey, first))
      throw new AppError('bad-request', `“${args.word(0)}” is neither a repository nor a project`, {
        remedy: 'write PROJECT/repo, or PROJECT',
      });
    const runId = args.text('run');
    return {
      project: {
        projectKey: first,
        ...(when.at === undefined ? {} : { at: when.at }),
        ...(runId === undefined ? {} : { runId: asId(runId, { word: 'run', list: 'runs' }) }),
      },
    };
  }
  return { repos: args.positionals.map((text) => ({ repo: repoNamed(text), ...when })) };
}

/** The server that was named, or the only one there is. */
async function targetServer(call: Call, args: Arguments): Promise<{ readonly id: string }> {
  const text = args.text('server');
  if (text !== undefined) return serverNamed(call, text);
  const servers = await call('server.list', {});
  const [only] = servers;
  if (servers.length === 1 && only !== undefined) return only;
  throw new AppError('bad-request', `there are ${servers.length} servers to restore to`, {
    remedy: `name one: --server ${servers.map(({ url }) => url).join(' or ') || 'URL'}`,
  });
}
