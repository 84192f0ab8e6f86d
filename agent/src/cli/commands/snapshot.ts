import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import type { VerifyReport } from '@gitprotect/shared/snapshot';
import type { Command } from '../command.ts';
import { proofWords } from '../proof-words.ts';
import { repoNamed } from '../resolve.ts';
import { bad, good, table } from '../terminal.ts';

export const snapshotCommands: readonly Command[] = [
  {
    name: 'snapshots',
    usage: '[PROJECT/repo | PROJECT] [--limit N]',
    summary: 'what can be restored',
    options: { limit: { type: 'string' } },
    takes: [0, 1],
    run: async ({ session, terminal, now }, args) => {
      const { call } = await session();
      const text = args.word(0);
      const filter = text === '' ? {} : text.includes('/') ? repoNamed(text) : { projectKey: text };
      const snapshots = await call('snapshot.list', { ...filter, limit: args.count('limit') });
      const rows = snapshots.map((one) => [
        `${one.projectKey}/${one.slug}`,
        one.id,
        one.takenAt,
        one.leansOn == null ? one.kind : `${one.kind}, on its origin’s ${one.leansOn.snapshotId}`,
        one.refs,
        one.head,
        formatBytes(one.bytes),
        proofWords(one.proof, now()),
        one.warnings.join('; '),
      ]);
      terminal.result(
        snapshots,
        table(
          ['REPOSITORY', 'SNAPSHOT', 'TAKEN', 'KIND', 'REFS', 'HEAD', 'NEW', 'PROVEN', ''],
          rows,
          'no snapshots yet; run a plan: gitprotect-agent run NAME --wait',
        ),
      );
    },
  },
  {
    name: 'verify',
    usage: '[PROJECT/repo] [--drill]',
    summary: 'read the backups and compare them with what was written; --drill also rebuilds each newest snapshot',
    options: { drill: { type: 'boolean' } },
    takes: [0, 1],
    run: async ({ session, terminal }, args) => {
      const opened = await session();
      const text = args.word(0);
      const stop = opened.on('verify.progress', ({ done, of, what }) => terminal.progress(`reading: ${done} of ${of} ${what}`));
      const wanted = { drill: args.flag('drill'), ...(text === '' ? {} : { repo: repoNamed(text) }) };
      const report = await opened.call('backup.verify', wanted).finally(stop);
      terminal.result(report, describe(report));
      return report.problems.length === 0 ? 0 : 1;
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
];

function describe({ repos, snapshots, objects, bytes, drilled, problems, milliseconds }: VerifyReport): string {
  const lines = problems.map(({ projectKey, slug, snapshotId, message, remedy }) => {
    const whose = projectKey === null ? '' : `${projectKey}/${slug ?? ''}${snapshotId === null ? '' : ` ${snapshotId}`}: `;
    return `${bad('damaged')} ${whose}${message}${remedy === null ? '' : `\n        → ${remedy}`}`;
  });
  const read = `${formatCount(snapshots, 'snapshot')} of ${formatCount(repos, 'repository', 'repositories')}, ${formatCount(objects, 'object')}, ${formatBytes(bytes)} read in ${formatDuration(milliseconds)}`;
  const rebuilt = drilled === 0 ? '' : `; ${formatCount(drilled, 'repository', 'repositories')} rebuilt and compared`;
  return [...lines, `${problems.length === 0 ? good('verified') : bad(formatCount(problems.length, 'problem'))}: ${read}${rebuilt}`].join(
    '\n',
  );
}
