import { AppError } from '@gitprotect/shared/errors';
import { kindGroups, metadataKinds, type MetadataKind } from '@gitprotect/shared/metadata';
import type { BackupWindow, Keep, Schedule } from '@gitprotect/shared/plan';
import { keepRules } from '@gitprotect/shared/retention';
import { Within } from '@gitprotect/shared/within';
import * as v from 'valibot';
import type { Call } from '@gitprotect/shared/protocol';
import type { Arguments } from './command.ts';
import { storageNamed } from './resolve.ts';
import { nearest } from './nearest.ts';

/** What `plan add` and `plan edit` take alike. */
export const settings = {
  project: { type: 'string', multiple: true },
  schedule: { type: 'string' },
  'time-zone': { type: 'string' },
  manual: { type: 'boolean' },
  window: { type: 'string' },
  share: { type: 'string' },
  'keep-last': { type: 'string' },
  'keep-hourly': { type: 'string' },
  'keep-daily': { type: 'string' },
  'keep-weekly': { type: 'string' },
  'keep-monthly': { type: 'string' },
  'keep-yearly': { type: 'string' },
  'keep-within': { type: 'string' },
  'leave-out': { type: 'string', multiple: true },
  'copy-to': { type: 'string' },
  'no-copy': { type: 'boolean' },
} as const;
export const settingsUsage =
  '[--schedule "0 2 * * *" | --manual] [--time-zone ZONE] [--window 22:00-06:00] [--share 80] [--keep-daily 7 --keep-within 30d ...] [--leave-out KIND ...] [--copy-to STORAGE | --no-copy]';

/** `undefined` when nothing about the schedule was said. */
export function schedule(args: Arguments, before: Schedule | null): Schedule | null | undefined {
  if (args.flag('manual') && (args.text('schedule') ?? args.text('time-zone')) !== undefined)
    throw new AppError('bad-request', '--manual and a schedule exclude each other', { remedy: 'give one of the two' });
  if (args.flag('manual')) return null;
  const cron = args.text('schedule') ?? before?.cron;
  const timeZone = args.text('time-zone') ?? before?.timeZone ?? localZone();
  if (args.text('schedule') === undefined && args.text('time-zone') === undefined) return undefined;
  // The time zone may be meant for the window alone.
  if (cron === undefined && args.text('window') !== undefined) return undefined;
  if (cron === undefined)
    throw new AppError('bad-request', '--time-zone needs a --schedule', { remedy: 'add for example --schedule "0 2 * * *"' });
  return { cron, timeZone };
}

/**
 * The hours that `--window 22:00-06:00` names, in the schedule's time zone; `undefined` when nothing about them was said, `null` for `--window none`.
 * A plan has one time zone: another one for the schedule moves the window, too.
 */
export function backupWindow(
  args: Arguments,
  { schedule, window }: { readonly schedule: Schedule | null; readonly window: BackupWindow | null },
): BackupWindow | null | undefined {
  const text = args.text('window');
  const timeZone = args.text('time-zone') ?? schedule?.timeZone ?? window?.timeZone ?? localZone();
  if (text === undefined) return args.text('time-zone') === undefined || window === null ? undefined : { ...window, timeZone };
  if (text === 'none') return null;
  const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw new AppError('bad-request', `“${text}” is not a backup window`, {
      remedy: 'write it like --window 22:00-06:00, or --window none',
    });
  return { from, to, timeZone };
}

const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The storage that backups are copied to; `undefined` when nothing was said of it. */
export async function copyTo(args: Arguments, call: Call): Promise<string | null | undefined> {
  const name = args.text('copy-to');
  if (args.flag('no-copy') && name !== undefined)
    throw new AppError('bad-request', '--copy-to and --no-copy exclude each other', { remedy: 'give one of the two' });
  if (args.flag('no-copy')) return null;
  return name === undefined ? undefined : (await storageNamed(call, name)).id;
}

/** `undefined` when no rule was given. `--keep-within 0` takes that rule away again. */
export function keep(args: Arguments): Keep | undefined {
  const given = keepRules.map((kind) => [kind, args.count(`keep-${kind}`)] as const).filter(([, count]) => count !== undefined);
  const within = args.text('keep-within');
  if (within === undefined) return given.length === 0 ? undefined : Object.fromEntries(given);
  const stretch = within === '0' ? undefined : within;
  if (stretch !== undefined && !v.is(Within, stretch)) {
    throw new AppError('bad-request', `--keep-within takes a time, not “${within}”`, { remedy: 'write it like 30d, 12h or 1y6m' });
  }
  return { ...Object.fromEntries(given), within: stretch };
}

/**
 * The kinds of metadata that `--leave-out` names, one at a time or with commas; `undefined` when it was not given. Also takes the groups
 * (`settings`, `permissions`, …), `all`, and `none` for a plan that leaves out nothing any more.
 */
export function leaveOut(args: Arguments): MetadataKind[] | undefined {
  const words = args.texts('leave-out').flatMap((text) => text.split(',').map((word) => word.trim()));
  if (words.length === 0) return undefined;
  const kinds = new Set(words.flatMap(kindsNamed));
  return metadataKinds.filter((kind) => kinds.has(kind));
}

function kindsNamed(word: string): readonly MetadataKind[] {
  if (word === 'none') return [];
  if (word === 'all') return metadataKinds;
  const groups: Readonly<Record<string, readonly MetadataKind[]>> = kindGroups;
  const kinds = groups[word] ?? metadataKinds.filter((kind) => kind === word);
  if (kinds.length > 0) return kinds;
  const known = [...new Set(['all', 'none', ...Object.keys(kindGroups), ...metadataKinds])];
  const [meant] = nearest(word, known);
  throw new AppError('bad-request', `“${word}” is no kind of metadata`, {
    remedy: `${meant === undefined ? '' : `did you mean ${meant}? `}there are: ${known.join(', ')}`,
  });
}
