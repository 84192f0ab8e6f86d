import { parseArgs } from 'node:util';
import { formatBytes } from '@gitprotect/shared/format';
import { liveDays } from './days.ts';

/*
 * A year of daily backups of a moving repo, with all upkeep, on a clock that moves by itself: npm run soak -- [--days 365] [--commits 6000]
 * Says what is in storage then, against one full backup and the packs of what changed, and whether every snapshot restores.
 */
const { values } = parseArgs({ options: { days: { type: 'string', default: '365' }, commits: { type: 'string', default: '6000' } } });
const days = Number(values.days);
const keep = { daily: 7, weekly: 5, monthly: 12, yearly: 2 };
const left = await liveDays({ days, commits: Number(values.commits), keep, lookEvery: 1 }, (at, stored) => {
  if (at % 30 === 29) console.error(`  day ${at + 1}: ${formatBytes(stored)} in storage`);
});
const allowed = left.freshFull + left.changed;
console.log(`${days} days; ${left.there.length} snapshots are there, the rules keep ${left.kept.length}: ${left.kept.join(' ')}
stored ${formatBytes(left.stored)}; one full backup ${formatBytes(left.freshFull)}, packs of what changed ${formatBytes(left.changed)}: ${(left.stored / allowed).toFixed(3)} of both
new full backups ${left.fulls}; a restore reads ${left.mostBundles} bundles at most
${left.wrong.length + left.failed.length === 0 ? 'every snapshot came back as it was' : [...left.wrong, ...left.failed].join('\n')}`);
process.exitCode = left.wrong.length + left.failed.length === 0 ? 0 : 1;
