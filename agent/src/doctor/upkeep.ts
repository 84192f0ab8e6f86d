import type { Finding } from '@gitprotect/shared/finding';
import { formatAgo } from '@gitprotect/shared/format';
import { upkeepWords, type UpkeepResult } from '@gitprotect/shared/upkeep';
import { ok, problem, warning } from './finding.ts';

/** Longer than this without upkeep, and the agent hardly runs; in milliseconds. */
const late = 3 * 86_400_000;

/** How a step of upkeep went the last time. `now` in milliseconds since 1970. */
export function judgeUpkeep({ step, state, startedAt, message, remedy }: UpkeepResult, now: number): Finding {
  const words = `${upkeepWords[step]}, ${formatAgo(Date.parse(startedAt), now)}: ${message}`;
  if (state === 'failed') return problem('upkeep', words, remedy);
  if (now - Date.parse(startedAt) > late)
    return warning('upkeep', `${words}; nothing was done since`, 'keep the agent running: gitprotect-agent service install');
  return state === 'stopped' ? warning('upkeep', words, 'nothing: the agent goes on with it') : ok('upkeep', words);
}
