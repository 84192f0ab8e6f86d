import { type ErrorReport, reportOf } from '@gitprotect/shared/errors';
import { useRef, useState } from 'preact/hooks';

/** Something a person sets off: under way, done with a word about it, or refused. */
export interface Action<A extends unknown[]> {
  readonly busy: boolean;
  readonly done: string | null;
  readonly error: ErrorReport | null;
  readonly run: (...given: A) => Promise<void>;
  readonly clear: () => void;
}

const idle = { busy: false, done: null, error: null };

/** Follows `act`; what it resolves with is said as its success. A second click while it is under way does nothing. */
export function useAction<A extends unknown[]>(act: (...given: A) => Promise<string | void>): Action<A> {
  const [state, setState] = useState<Pick<Action<A>, 'busy' | 'done' | 'error'>>(idle);
  const busy = useRef(false);
  const run = async (...given: A) => {
    if (busy.current) return;
    busy.current = true;
    setState({ ...idle, busy: true });
    try {
      const done = await act(...given);
      setState({ ...idle, done: done ?? null });
    } catch (error) {
      setState({ ...idle, error: reportOf(error) });
    } finally {
      busy.current = false;
    }
  };
  return { ...state, run, clear: () => setState(idle) };
}
