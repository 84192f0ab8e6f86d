import type { CompactPlan, CompactReport } from '@gitprotect/shared/compact';
import { formatBytes, formatCount } from '@gitprotect/shared/format';
import type { Command } from '../command.ts';
import { repoNamed } from '../resolve.ts';
import { good, table, warning } from '../terminal.ts';

export const compactCommands: readonly Command[] = [
  {
    name: 'compact',
    usage: '[PROJECT/repo] [--dry-run]',
    summary: 'join neighbouring bundles where a chain has become long; the agent does so by itself after runs',
    options: { 'dry-run': { type: 'boolean' } },
    takes: [0, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const text = args.word(0);
      const wanted = text === '' ? {} : { repo: repoNamed(text) };
      if (args.flag('dry-run')) {
        const plan = await call('compact.plan', wanted);
        terminal.result(plan, planWords(plan));
        return 0;
      }
      const report = await call('compact.run', wanted);
      terminal.result(report, reportWords(report));
      return report.failed.length === 0 ? 0 : 3;
    },
  },
];

function planWords({ repos }: CompactPlan): string {
  if (repos.length === 0) return 'all chains are short';
  const rows = repos.map(({ projectKey, slug, bundles, metadata }) => [
    `${projectKey}/${slug}`,
    `${bundles.before} → ${bundles.after}`,
    `${metadata.before} → ${metadata.after}`,
    formatBytes(bundles.bytes + metadata.bytes),
  ]);
  return `${table(['REPOSITORY', 'BUNDLES', 'METADATA', 'REWRITTEN'], rows, '')}\nNothing was changed.`;
}

function reportWords({ repos, failed }: CompactReport): string {
  const rows = repos.map(({ projectKey, slug, objects, merges, bytes }) =>
    good(`${projectKey}/${slug}: ${formatCount(objects, 'object')} joined to ${merges} (${formatBytes(bytes)})`),
  );
  return [
    ...(rows.length === 0 && failed.length === 0 ? ['all chains are short'] : rows),
    ...(rows.length === 0 ? [] : ['What they were joined from is removed by "prune" after the time of grace.']),
    ...failed.map(({ projectKey, slug, message }) =>
      warning(
        `${projectKey}/${slug} was left as it is: ${message}. Put the object back ("storage repair"), or run the plan: it takes a new full backup.`,
      ),
    ),
  ].join('\n');
}
