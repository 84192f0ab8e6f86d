import { parseArgs } from 'node:util';
import { formatBytes } from '@gitprotect/shared/format';
import { liveDays } from './days.ts';
import { wholeNumber } from './whole-number.ts';

/** By hand, for a whole year of 365 days: what the rules below keep of 2026, which begins on a Thursday and has quiet Sundays. */
const keptByHand = [
  // Of days the last seven with a change, of weeks the last five: Saturdays, as nothing changes on Sundays.
  '2026-12-31 2026-12-30 2026-12-29 2026-12-28 2026-12-26 2026-12-25 2026-12-24 2026-12-19 2026-12-12 2026-12-05',
  // Of months all twelve; the last of May is a Sunday.
  '2026-11-30 2026-10-31 2026-09-30 2026-08-31 2026-07-31 2026-06-30 2026-05-30 2026-04-30 2026-03-31 2026-02-28 2026-01-31',
  // And the oldest, as there is one year only.
  '2026-01-01',
].join(' ');
const keep = { daily: 7, weekly: 5, monthly: 12, yearly: 2 };

/**
 * A year of daily backups of a moving repo, with all upkeep, on a clock that moves by itself. Says what is in storage then, against one full backup and the
 * packs of what changed, and whether every snapshot restores.
 * @param args `--days 365 --commits 6000`
 * @returns what is not as it should be
 */
export async function soakYear(args: readonly string[]): Promise<readonly string[]> {
  const options = { days: { type: 'string', default: '365' }, commits: { type: 'string', default: '6000' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const days = wholeNumber('--days', values.days);
  const left = await liveDays({ days, commits: wholeNumber('--commits', values.commits), keep, lookEvery: 1 }, (at, stored) => {
    if (at % 30 === 29) console.error(`  day ${at + 1}: ${formatBytes(stored)} in storage`);
  });
  const allowed = left.freshFull + left.changed;
  console.log(`${days} days; ${left.there.length} snapshots are there, the rules keep ${left.kept.length}: ${left.kept.join(' ')}
stored ${formatBytes(left.stored)}; one full backup ${formatBytes(left.freshFull)}, packs of what changed ${formatBytes(left.changed)}: ${(left.stored / allowed).toFixed(3)} of both
new full backups ${left.fulls}; a restore reads ${left.mostBundles} bundles at most`);
  return [
    ...left.wrong,
    ...left.failed,
    ...(days === 365 && left.kept.join(' ') !== keptByHand ? [`the rules should keep ${keptByHand}`] : []),
    ...(left.stored > 1.15 * allowed ? ['that is too much'] : []),
    ...(left.mostBundles > 12 ? ['those are too many bundles'] : []),
  ];
}
