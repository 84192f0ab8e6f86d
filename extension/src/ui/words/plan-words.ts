import { formatAgo, formatCount } from '@gitprotect/shared/format';
import type { Keep, Plan } from '@gitprotect/shared/plan';
import { keepWords } from '@gitprotect/shared/retention';
import { upcoming } from './moment.ts';
import { runWord } from './run-words.ts';

/** `53 repositories · last 2 h ago · next 02:00`. A last run that did not succeed is named. */
export function planLine(plan: Pick<Plan, 'repos' | 'lastRun' | 'nextDue' | 'schedule'>, now: number): string {
  const { repos, lastRun, nextDue, schedule } = plan;
  const parts = [
    repos === null ? null : formatCount(repos, 'repository', 'repositories'),
    lastRun === null ? 'never run' : lastText(lastRun, now),
    nextDue !== null ? `next ${upcoming(Date.parse(nextDue), now)}` : schedule === null ? 'runs by hand' : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

function lastText({ state, startedAt, endedAt }: NonNullable<Plan['lastRun']>, now: number): string {
  const ago = formatAgo(Date.parse(endedAt ?? startedAt), now);
  if (state === 'running') return `started ${ago}`;
  return state === 'succeeded' ? `last ${ago}` : `last ${ago}: ${runWord(state).text}`;
}

/** `1 user`, `2 users`: the unit of throughput. */
export function usersText(users: number): string {
  if (users === 0) return 'no account in use';
  return users === 1 ? '1 user does the work' : `${users} users share the work`;
}

/** `7 daily, 4 weekly`; without any rule everything stays. */
export function keepText(keep: Keep): string {
  const rules = keepWords(keep);
  return rules.length === 0 ? 'keeps everything' : `keeps ${rules.join(', ')}`;
}
