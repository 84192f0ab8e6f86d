import { resolve } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { formatAgo, formatBytes, formatCount } from '@gitprotect/shared/format';
import type { StorageView } from '@gitprotect/shared/storage';
import type { Command } from '../command.ts';
import { storageNamed } from '../resolve.ts';
import { s3Wanted, sftpWanted, storageOptions, storageUsage } from '../storage-settings.ts';
import { bad, good, sheet, table, warning } from '../terminal.ts';

export const storageCommands: readonly Command[] = [
  {
    name: 'storage add',
    usage: storageUsage,
    summary: 'add a place for backups or copies: a folder, a bucket of S3, a folder of an SSH server; tried before it is kept',
    options: storageOptions,
    takes: [1, 1],
    run: async (context, args) => {
      const { call } = await context.session();
      const [folder, s3, sftp] = [args.text('folder'), args.text('s3'), args.text('sftp')];
      if ([folder, s3, sftp].filter((one) => one !== undefined).length !== 1)
        throw new AppError('bad-request', 'a storage is one of: a folder, a bucket, a folder of a server', {
          remedy: 'give --folder, --s3 or --sftp',
        });
      const name = args.word(0);
      const added =
        folder === undefined
          ? await call('storage.add', {
              name,
              ...(s3 === undefined ? await sftpWanted(args, context, call) : await s3Wanted(args, context)),
            })
          : await call('storage.add-folder', { name, folder: resolve(folder) });
      context.terminal.result(added, `${good('added')}: “${added.name}”, ${added.place}; everything backups rely on holds there`);
      context.terminal.note(
        `Nothing goes there yet. For all backups: gitprotect-agent storage use ${name}. For copies of a plan’s: gitprotect-agent plan edit PLAN --copy-to ${name}`,
      );
    },
  },
  {
    name: 'storage list',
    usage: '',
    summary: 'the places for backups and copies, and how far the copies are',
    takes: [0, 0],
    run: async ({ session, terminal, now }) => {
      const { call } = await session();
      const all = await call('storage.list', {});
      const rows = all.map((one) => [
        one.name,
        one.place,
        one.inUse ? 'backups' : one.copyOf.length > 0 ? `copy of ${one.copyOf.join(', ')}` : '',
        copyWords(one, now()),
      ]);
      terminal.result(all, table(['NAME', 'PLACE', 'USED FOR', ''], rows, ''));
    },
  },
  {
    name: 'storage test',
    usage: 'NAME',
    summary: 'try in a storage itself everything that backups rely on; leaves nothing there',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const { id, place } = await storageNamed(call, args.word(0));
      const findings = await call('storage.test', { id });
      const lines = findings.map(
        ({ state, message, remedy }) =>
          `${state === 'ok' ? good('ok') : bad('problem')}  ${message}${remedy === null ? '' : `\n  → ${remedy}`}`,
      );
      terminal.result(findings, [place, ...lines].join('\n'));
      return findings.every(({ state }) => state === 'ok') ? 0 : 1;
    },
  },
  {
    name: 'storage use',
    usage: 'NAME',
    summary: 'let backups go there from now on; the snapshots listed are those that lie there',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const { id, name, place } = await storageNamed(call, args.word(0));
      const found = await call('storage.use', { id });
      const lines = [
        `${good('in use')}: “${name}”, ${place}`,
        `${formatCount(found.snapshots, 'snapshot')} of ${formatCount(found.repos, 'repository', 'repositories')} there${found.snapshots === 0 ? '; the next run of each plan is a full one' : ''}`,
        ...found.damaged.map((one) => bad(`damaged: ${one}`)),
      ];
      terminal.result(found, lines.join('\n'));
      return found.damaged.length === 0 ? 0 : 1;
    },
  },
  {
    name: 'storage repair',
    usage: '',
    summary: 'read all backups in the storage in use, and put back from the copies what is missing or damaged',
    takes: [0, 0],
    run: async ({ session, terminal }) => {
      const { call } = await session();
      const report = await call('storage.repair', {});
      const lines = [
        ...report.repaired.map((name) => `${good('put back')} ${name}`),
        ...report.lost.map(({ name, why }) => `${bad('lost')} ${name}: ${why}`),
        `${formatCount(report.checked, 'object')} read, ${report.repaired.length} put back, ${report.lost.length} lost`,
      ];
      terminal.result(report, lines.join('\n'));
      return report.lost.length === 0 ? 0 : 1;
    },
  },
  {
    name: 'storage remove',
    usage: 'NAME',
    summary: 'forget a storage and what opens it; what lies there stays',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const { id, name, place } = await storageNamed(call, args.word(0));
      await call('storage.remove', { id });
      terminal.result(
        { id },
        sheet([
          ['forgotten', name],
          ['stays', place],
        ]),
      );
    },
  },
];

/** `whole`, `12 objects (3 MB) behind for 2 days`. */
function copyWords({ copy, copyOf }: StorageView, now: number): string {
  if (copyOf.length === 0) return '';
  if (copy === null) return warning('nothing copied yet');
  const trouble = copy.problem === null ? '' : `: ${copy.problem}`;
  if (copy.behindSince === null && copy.problem === null) return good('whole');
  if (copy.behindSince === null) return bad(trouble.slice(2));
  return bad(
    `${formatCount(copy.objects, 'object')} (${formatBytes(copy.bytes)}) behind since ${formatAgo(Date.parse(copy.behindSince), now)}${trouble}`,
  );
}
