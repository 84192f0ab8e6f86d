import { formatCount, formatDuration } from '@gitprotect/shared/format';
import { wordsOfKind } from '@gitprotect/shared/metadata';
import type { RestoredPlace, RestoreItem, ServerRestoreReport } from '@gitprotect/shared/restore';
import { bad, good, table, warning } from './terminal.ts';

/** What needs a person first. */
const order: readonly RestoreItem['state'][] = ['failed', 'differs', 'to-do', 'cannot', 'will', 'restored', 'kept'];

const words: Record<RestoreItem['state'], string> = {
  failed: bad('failed'),
  differs: bad('differs'),
  'to-do': warning('to do'),
  cannot: warning('not possible'),
  will: 'will',
  restored: good('restored'),
  kept: 'was there',
};

/** A restore to Bitbucket for a person to read: what would be done, or what was, place by place. */
export function reportLines({ dryRun, verified, places, missingRights, milliseconds }: ServerRestoreReport): string[] {
  const count = (...states: RestoreItem['state'][]) =>
    places.reduce((sum, { items }) => sum + items.filter(({ state }) => states.includes(state)).length, 0);
  const end = dryRun
    ? `nothing was changed; ${formatCount(count('will'), 'thing')} would be restored, ${count('cannot', 'to-do')} not`
    : verified
      ? `${good('restored and compared')}: ${formatCount(count('restored'), 'thing')} as in the backup, ${count('cannot', 'to-do')} not possible or to do, ${formatDuration(milliseconds)}`
      : `${bad('restored, but not all of it')}: ${formatCount(count('failed', 'differs'), 'thing')} failed or came out otherwise, ${formatDuration(milliseconds)}`;
  return [...places.flatMap(placeLines), ...missingRights.map((right) => bad(`missing right: ${right}`)), end];
}

function placeLines({ from, projectKey, slug, url, items, limits }: RestoredPlace): string[] {
  const rows = items
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
    .map(({ state, kind, what, why }) => [words[state], wordsOfKind(kind), why === undefined ? what : `${what}: ${why}`] as const);
  return [
    `${from} -> ${slug === null ? projectKey : `${projectKey}/${slug}`}  ${url}`,
    table(['', 'KIND', 'WHAT'], rows, 'nothing to restore'),
    ...(limits.length === 0 ? [] : ['', 'What Bitbucket cannot be given back:', ...limits.map((limit) => `- ${limit}`)]),
    '',
  ];
}
