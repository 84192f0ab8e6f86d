import type { Run } from '@gitprotect/shared/run';

export const verdicts = ['all', 'running', 'succeeded', 'with problems'] as const;
export type RunVerdict = (typeof verdicts)[number];

/** Whether a run is of the kind that was asked for. */
export function fits({ state, problems }: Pick<Run, 'state' | 'problems'>, verdict: RunVerdict): boolean {
  switch (verdict) {
    case 'all':
      return true;
    case 'running':
    case 'succeeded':
      return state === verdict;
    case 'with problems':
      return problems.length > 0 || state === 'partial' || state === 'failed' || state === 'interrupted';
  }
}
