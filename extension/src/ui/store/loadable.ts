import type { ErrorReport } from '@gitprotect/shared/errors';

/** Something asked of the agent: not here yet, here, or refused. A value stays when asking for it again fails. */
export type Loadable<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T; readonly refreshError: ErrorReport | null }
  | { readonly state: 'failed'; readonly error: ErrorReport };

export const loading = { state: 'loading' } as const;

export function ready<T>(value: T): Loadable<T> {
  return { state: 'ready', value, refreshError: null };
}

/** What is shown after a failed attempt: the last good value with the reason beside it, or the reason alone. */
export function afterFailure<T>(before: Loadable<T>, error: ErrorReport): Loadable<T> {
  return before.state === 'ready' ? { ...before, refreshError: error } : { state: 'failed', error };
}

/** The value, changed in place; nothing happens while there is none. */
export function changed<T>(before: Loadable<T>, change: (value: T) => T): Loadable<T> {
  if (before.state !== 'ready') return before;
  const value = change(before.value);
  return value === before.value ? before : { ...before, value };
}

/** The value where there is one. */
export function valueOf<T>(loadable: Loadable<T>): T | undefined {
  return loadable.state === 'ready' ? loadable.value : undefined;
}
