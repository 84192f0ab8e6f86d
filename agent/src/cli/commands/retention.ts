import { formatCount } from '@gitprotect/shared/format';
import type { RepoRetention } from '@gitprotect/shared/retention-view';
import type { Command } from '../command.ts';
import { asId, repoNamed } from '../resolve.ts';
import { bad, table, warning } from '../terminal.ts';

const reasonOption = { reason: { type: 'string' } } as const;
const snapshotKind = { word: 'snapshot', list: 'snapshots PROJECT/repo' };

export const retentionCommands: readonly Command[] = [
  {
    name: 'snapshots kept',
    usage: 'PROJECT/repo',
    summary: 'which snapshots of a repository stay, which go, and why',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const retention = await call('retention.get', { repo: repoNamed(args.word(0)) });
      terminal.result(retention, describe(retention));
    },
  },
  {
    name: 'snapshots hold',
    usage: 'PROJECT/repo ID [--reason TEXT]',
    summary: 'keep a snapshot whatever the keep rules say',
    options: reasonOption,
    takes: [2, 2],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const word = { repo: repoNamed(args.word(0)), snapshotId: asId(args.word(1), snapshotKind), reason: args.text('reason') };
      await call('snapshot.hold', word);
      terminal.result(word, `snapshot ${word.snapshotId} of ${args.word(0)} is on hold: it stays until it is released`);
    },
  },
  {
    name: 'snapshots release',
    usage: 'PROJECT/repo ID [--reason TEXT]',
    summary: 'take a hold back: the keep rules count again',
    options: reasonOption,
    takes: [2, 2],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const word = { repo: repoNamed(args.word(0)), snapshotId: asId(args.word(1), snapshotKind), reason: args.text('reason') };
      await call('snapshot.release', word);
      terminal.result(word, `snapshot ${word.snapshotId} of ${args.word(0)} is not on hold any more`);
    },
  },
  {
    name: 'guard list',
    usage: '',
    summary: 'repositories and projects of which nothing is pruned because most of it was deleted or rewritten',
    takes: [0, 0],
    run: async ({ session, terminal }) => {
      const { call } = await session();
      const guards = await call('guard.list', {});
      const rows = guards.map(({ projectKey, slug, message }) => [slug === null ? projectKey : `${projectKey}/${slug}`, message]);
      terminal.result(guards, table(['WAITS', 'BECAUSE'], rows, 'nothing waits'));
      if (guards.length > 0) terminal.note('If it was meant: gitprotect-agent guard acknowledge PROJECT/repo');
    },
  },
  {
    name: 'guard acknowledge',
    usage: 'PROJECT[/repo]',
    summary: 'say that a mass deletion or rewrite was meant; the keep rules count again',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const text = args.word(0);
      const which = text.includes('/') ? repoNamed(text) : { projectKey: text, slug: null };
      await call('guard.acknowledge', which);
      terminal.result(which, `acknowledged; the keep rules count again for ${text}`);
    },
  },
];

function describe({ projectKey, slug, plans, guards, snapshots }: RepoRetention): string {
  const rows = snapshots.map(({ snapshotId, keep, because, goesAt }) => {
    const state = keep ? 'stays' : goesAt === null ? 'goes' : `goes ${goesAt.slice(0, 10)}`;
    return [snapshotId, state, because.join(', ')];
  });
  const goes = snapshots.filter(({ keep }) => !keep).length;
  return [
    ...plans.map(({ name, keeps }) => `“${name}” keeps ${keeps}`),
    ...guards.map(({ message }) => bad(`! ${message}: nothing is pruned until you acknowledge it`)),
    table(['SNAPSHOT', '', 'BECAUSE'], rows, 'no snapshots'),
    goes === 0
      ? `all ${snapshots.length} stay`
      : warning(`${formatCount(goes, 'snapshot')} of ${projectKey}/${slug} ${goes === 1 ? 'goes' : 'go'} with the next prune`),
  ].join('\n');
}
