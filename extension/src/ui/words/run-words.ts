import { formatBytes, formatCount } from '@gitprotect/shared/format';
import type { Outcome, Run } from '@gitprotect/shared/run';
import { clockTime } from './moment.ts';
import type { Tone, Word } from './tone.ts';

const runWords: Record<Run['state'], Word> = {
  running: { tone: 'busy', text: 'running' },
  succeeded: { tone: 'ok', text: 'succeeded' },
  partial: { tone: 'warn', text: 'partly failed' },
  failed: { tone: 'bad', text: 'failed' },
  cancelled: { tone: 'plain', text: 'cancelled' },
  interrupted: { tone: 'warn', text: 'interrupted' },
  paused: { tone: 'busy', text: 'paused' },
};

const isRunState = (state: string): state is Run['state'] => Object.hasOwn(runWords, state);

/** The state of a run; a word of a newer agent is shown as it came. */
export function runWord(state: string): Word {
  return isRunState(state) ? runWords[state] : { tone: 'plain', text: state };
}

export const triggerWords: Record<Run['trigger'], string> = {
  manual: 'started by hand',
  schedule: 'on schedule',
  'catch-up': 'catching up after a missed time',
  resume: 'went on by itself',
};

const tones: Record<Outcome['state'], Tone> = { saved: 'ok', unchanged: 'plain', skipped: 'warn', throttled: 'warn', failed: 'bad' };

/** How one repo fared. */
export function outcomeWord({ state }: Outcome): Word {
  return { tone: tones[state], text: state };
}

/** What an outcome says beside its word. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.state) {
    case 'saved':
      return savedText(outcome);
    case 'unchanged':
      return '';
    case 'skipped':
      return outcome.reason;
    case 'throttled':
      return `all its users are throttled by Bitbucket; it goes on by itself at ${clockTime(Date.parse(outcome.until))}`;
    case 'failed':
      return outcome.error.message;
  }
}

function savedText(saved: Extract<Outcome, { state: 'saved' }>): string {
  const { records = 0, lfsObjects = 0 } = saved;
  const beside = [
    records > 0 ? formatCount(records, 'metadata record') : '',
    lfsObjects > 0 ? formatCount(lfsObjects, 'large file') : '',
  ].filter((text) => text !== '');
  if (saved.kind === 'metadata-only') return beside.join(', ') || 'metadata';
  return [gitText(saved), ...beside].join(', ');
}

function gitText({ kind, refs }: Pick<Extract<Outcome, { state: 'saved' }>, 'kind' | 'refs'>): string {
  if (kind === 'empty') return 'empty repository';
  if (kind === 'full') return `first full backup, ${formatCount(refs.total, 'ref')}`;
  const changes = [
    [refs.added, 'new'],
    [refs.moved, 'moved'],
    [refs.deleted, 'deleted'],
  ] as const;
  const words = changes.filter(([count]) => count > 0).map(([count, word]) => `${count.toLocaleString('en-US')} ${word}`);
  return words.length === 0 ? formatCount(refs.total, 'ref') : `refs: ${words.join(', ')}`;
}

/** Repos of a run that have ended, in whatever way. */
export function endedCount({ counts }: Pick<Run, 'counts'>): number {
  return counts.saved + counts.unchanged + counts.skipped + counts.throttled + counts.failed;
}

/** `12 saved · 41 unchanged · 1 failed`; only what there is. */
export function countsText({ counts }: Pick<Run, 'counts'>): string {
  const words = (['saved', 'unchanged', 'skipped', 'throttled', 'failed'] as const).filter((state) => counts[state] > 0);
  return words.map((state) => `${counts[state].toLocaleString('en-US')} ${state}`).join(' · ');
}

/** Where a run is: `28 of 53 repositories · 1.2 GB`. While it still asks what there is, it says so. */
export function progressText(run: Pick<Run, 'counts' | 'repos' | 'bytes'>): string {
  if (run.repos === 0) return 'finding out what there is to back up';
  const repos = `${endedCount(run).toLocaleString('en-US')} of ${formatCount(run.repos, 'repository', 'repositories')}`;
  return run.bytes > 0 ? `${repos} · ${formatBytes(run.bytes)} new` : repos;
}

/** What a paused run has done and left: `28 of 53 repositories are done; 25 wait`. */
export function pausedText(run: Pick<Run, 'counts' | 'repos'>): string {
  if (run.repos === 0) return 'It had not begun.';
  const ended = endedCount(run);
  const wait = formatCount(run.repos - ended, 'repository waits', 'repositories wait');
  return `${ended.toLocaleString('en-US')} of ${formatCount(run.repos, 'repository', 'repositories')} ended; ${wait}.`;
}

/** Milliseconds until its end, by the pace so far; `null` while that would be a guess. Run times are ISO 8601, `now` milliseconds since 1970. */
export function timeLeft(run: Pick<Run, 'counts' | 'repos' | 'startedAt'>, now: number): number | null {
  const ended = endedCount(run);
  const gone = now - Date.parse(run.startedAt);
  if (ended < 5 || ended / run.repos < 0.1 || gone < 10_000) return null;
  return (gone / ended) * (run.repos - ended);
}
