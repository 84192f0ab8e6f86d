import { join, resolve } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import type { Command } from '../command.ts';
import { asId, repoNamed } from '../resolve.ts';
import { bad, good, table } from '../terminal.ts';

export const snapshotCommands: readonly Command[] = [
  {
    name: 'snapshots',
    usage: '[PROJECT/repo | PROJECT] [--limit N]',
    summary: 'what can be restored',
    options: { limit: { type: 'string' } },
    takes: [0, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const text = args.word(0);
      const filter = text === '' ? {} : text.includes('/') ? repoNamed(text) : { projectKey: text };
      const snapshots = await call('snapshot.list', { ...filter, limit: args.count('limit') });
      const rows = snapshots.map((one) => [
        `${one.projectKey}/${one.slug}`,
        one.id,
        one.takenAt,
        one.kind,
        one.refs,
        one.head,
        formatBytes(one.bytes),
        one.warnings.join('; '),
      ]);
      terminal.result(
        snapshots,
        table(
          ['REPOSITORY', 'SNAPSHOT', 'TAKEN', 'KIND', 'REFS', 'HEAD', 'NEW', ''],
          rows,
          'no snapshots yet; run a plan: gitprotect-agent run NAME --wait',
        ),
      );
    },
  },
  {
    name: 'restore',
    usage: 'PROJECT/repo [--snapshot ID | --at TIME] --to-folder DIR [--pull-request N]',
    summary: 'bring a repo back as it was, and compare it with its manifest',
    options: { snapshot: { type: 'string' }, at: { type: 'string' }, 'to-folder': { type: 'string' }, 'pull-request': { type: 'string' } },
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const folder = args.text('to-folder');
      if (folder === undefined)
        throw new AppError('bad-request', 'restore needs a place to restore to', {
          remedy: 'name an empty or new folder: --to-folder DIR',
        });
      const at = args.text('at');
      if (at !== undefined && Number.isNaN(Date.parse(at)))
        throw new AppError('bad-request', `“${at}” is not a time`, { remedy: 'write it like 2026-03-01T12:00:00Z' });
      const snapshot = args.text('snapshot');
      const { call } = await session();
      const which = {
        repo: repoNamed(args.word(0)),
        folder: resolve(folder),
        ...(snapshot === undefined ? {} : { snapshotId: asId(snapshot.padStart(8, '0'), { word: 'snapshot', list: 'snapshots' }) }),
        ...(at === undefined ? {} : { at: new Date(at).toISOString() }),
      };
      const pullRequest = args.count('pull-request');
      if (pullRequest !== undefined) {
        const archive = await call('restore.archive', { ...which, pullRequest });
        terminal.result(archive, `${good('written')}: pull request ${pullRequest} in ${join(archive.folder, 'index.html')}`);
        return 0;
      }
      const report = await call('restore.to-folder', which);
      const { snapshot: from, refs, bytes, records, pullRequests, milliseconds } = report;
      const what = `${from.projectKey}/${from.slug} as of ${from.takenAt} (snapshot ${from.id})`;
      const figures = `${formatCount(refs, 'ref')}, ${formatBytes(bytes)}, ${formatDuration(milliseconds)}`;
      const beside =
        records === 0
          ? ''
          : `\n${formatCount(pullRequests, 'pull request')} among ${formatCount(records, 'record')} beside git: open ${join(report.folder, 'gitprotect', 'archive', 'index.html')}`;
      terminal.result(
        report,
        report.verified
          ? `${good('restored and verified')}: ${what} in ${report.folder}\n${figures}; every ref equals the manifest, git fsck is clean${beside}`
          : [`${bad('restored, but it differs')}: ${what} in ${report.folder}`, figures, ...report.differences, ...report.fsck].join('\n'),
      );
      return report.verified ? 0 : 1;
    },
  },
  {
    name: 'verify',
    usage: '[PROJECT/repo] [--drill]',
    summary: 'read the backups and compare them with what was written; --drill also rebuilds each newest snapshot',
    options: { drill: { type: 'boolean' } },
    takes: [0, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const text = args.word(0);
      const report = await call('backup.verify', { drill: args.flag('drill'), ...(text === '' ? {} : { repo: repoNamed(text) }) });
      const { repos, snapshots, objects, bytes, drilled, problems, milliseconds } = report;
      const read = `${formatCount(snapshots, 'snapshot')} of ${formatCount(repos, 'repository', 'repositories')}, ${formatCount(objects, 'bundle')}, ${formatBytes(bytes)} read in ${formatDuration(milliseconds)}`;
      const rebuilt = drilled === 0 ? '' : `; ${formatCount(drilled, 'repository', 'repositories')} rebuilt and compared`;
      const lines = problems.map((one) => `${bad('damaged')} ${one.projectKey}/${one.slug} ${one.snapshotId}: ${one.message}`);
      terminal.result(
        report,
        [...lines, `${problems.length === 0 ? good('verified') : bad(formatCount(problems.length, 'problem'))}: ${read}${rebuilt}`].join(
          '\n',
        ),
      );
      return problems.length === 0 ? 0 : 1;
    },
  },
  {
    name: 'catalogue rebuild',
    usage: '',
    summary: 'find all snapshots again from storage alone',
    takes: [0, 0],
    run: async ({ session, terminal }) => {
      const { call } = await session();
      const found = await call('catalogue.rebuild', {});
      const lines = [
        `${formatCount(found.snapshots, 'snapshot')} of ${formatCount(found.repos, 'repository', 'repositories')}`,
        ...found.damaged.map((one) => bad(`damaged: ${one}`)),
      ];
      terminal.result(found, lines.join('\n'));
      return found.damaged.length === 0 ? 0 : 1;
    },
  },
  {
    name: 'recovery-key',
    usage: '',
    summary: 'make the key that opens backups without this agent; shown once',
    takes: [0, 0],
    run: async ({ session, terminal }) => {
      const { call } = await session();
      const key = await call('recovery-key.create', {});
      terminal.result(key, `${key.identity}\n`);
      terminal.note(
        'Print it or put it in a safe: it is not stored and not shown again. Backups from now on open with it; earlier ones open with the agent’s key.',
      );
    },
  },
];
