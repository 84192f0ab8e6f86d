import { AppError } from '@gitprotect/shared/errors';
import { formatBytes, formatCount } from '@gitprotect/shared/format';
import type { PrunePlan, PruneReport } from '@gitprotect/shared/prune';
import type { Command } from '../command.ts';
import { repoNamed } from '../resolve.ts';
import { good, table, warning } from '../terminal.ts';

export const pruneCommands: readonly Command[] = [
  {
    name: 'prune',
    usage: '[PROJECT/repo] [--dry-run] [--gone] [--yes]',
    summary: 'remove what no keep rule wants, after showing it; --gone also of repositories that are gone from the server',
    options: { 'dry-run': { type: 'boolean' }, gone: { type: 'boolean' }, yes: { type: 'boolean' } },
    takes: [0, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const text = args.word(0);
      const wanted = { gone: args.flag('gone'), ...(text === '' ? {} : { repo: repoNamed(text) }) };
      const plan = await call('prune.plan', wanted);
      if (args.flag('dry-run')) {
        terminal.result(plan, `${planWords(plan)}\nNothing was changed.`);
        return;
      }
      terminal.note(planWords(plan));
      if (!args.flag('yes')) {
        const answer = await terminal.confirm(`Mark them, and remove what has been marked for ${formatCount(plan.graceDays, 'day')}?`);
        if (answer === null) {
          throw new AppError('bad-request', 'nobody was there to confirm this', { remedy: 'look at it with --dry-run, then give --yes' });
        }
        if (!answer) {
          terminal.note('Nothing was changed.');
          return;
        }
      }
      const report = await call('prune.run', wanted);
      terminal.result(report, reportWords(report));
    },
  },
];

function planWords({ repos, snapshots, objects, bytes, graceDays }: PrunePlan): string {
  const lines = repos.flatMap(({ projectKey, slug, undecided, goes, stays, ...more }) => {
    const name = `${projectKey}/${slug}`;
    if (undecided !== null) return [warning(`${name}: nothing is pruned, as a record cannot be read: ${undecided}`)];
    const rows = [
      ...goes.map(({ snapshotId, because, dueAt }) => [
        snapshotId,
        dueAt === null ? 'goes' : `goes ${dueAt.slice(0, 10)}`,
        because.join(', '),
      ]),
      ...stays.map(({ snapshotId, because }) => [snapshotId, 'stays', because.join(', ')]),
    ];
    const summary = `${name}: ${formatCount(goes.length, 'snapshot')} of ${goes.length + stays.length} go, ${formatBytes(more.bytes)} in ${formatCount(more.objects, 'object')}`;
    return [summary, table(['SNAPSHOT', '', 'BECAUSE'], rows, ''), ''];
  });
  if (snapshots + objects === 0) return [...lines, 'nothing goes: the keep rules want every snapshot'].join('\n');
  const all = `${formatCount(snapshots, 'snapshot')}, ${formatBytes(bytes)} in ${formatCount(objects, 'object')}`;
  return [
    ...lines,
    `${all} in all; removed ${formatCount(graceDays, 'day')} after they are marked, and until then still there to restore or to hold`,
  ].join('\n');
}

function reportWords({ marked, removed, refused, undecided }: PruneReport): string {
  return [
    good(
      `removed ${formatCount(removed.snapshots, 'snapshot')}: ${formatBytes(removed.bytes)} in ${formatCount(removed.objects, 'object')}`,
    ),
    `marked ${formatCount(marked.snapshots, 'snapshot')} and ${formatCount(marked.objects, 'object')}, to be removed after the time of grace`,
    ...(refused === 0 ? [] : [warning(`${formatCount(refused, 'object')} locked by the storage: tried again later`)]),
    ...undecided.map(({ projectKey, slug, why }) => warning(`${projectKey}/${slug} was left alone: ${why}`)),
  ].join('\n');
}
