import type { Action } from '../store/use-action.ts';
import { ErrorNote } from './error-note.tsx';

/** How an action ended, said aloud to those who cannot see it. */
export function ActionResult({ action }: { action: Pick<Action<never>, 'done' | 'error'> }) {
  return (
    <div class="result" aria-live="polite">
      {action.error !== null && <ErrorNote error={action.error} />}
      {action.done !== null && <p class="done">{action.done}</p>}
    </div>
  );
}
