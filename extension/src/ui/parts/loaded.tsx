import type { ComponentChildren } from 'preact';
import type { Resource } from '../store/resource.ts';
import { useStore } from '../store/use-store.ts';
import { Button } from './button.tsx';
import { ErrorNote } from './error-note.tsx';

/** Shows what a resource holds, or why it does not: loading, offline, refused with a way to try again. */
export function Loaded<T>({ from, children }: { from: Resource<T>; children: (value: T) => ComponentChildren }) {
  const { connection } = useStore();
  const current = from.current;
  switch (current.state) {
    case 'loading':
      return connection.value === null || connection.value.state === 'connected' ? (
        <div class="skeleton" role="status" aria-label="Loading">
          <span />
          <span />
          <span />
        </div>
      ) : (
        <p class="quiet-note">This shows again once the agent is reached.</p>
      );
    case 'failed':
      return (
        <ErrorNote error={current.error}>
          <div class="actions">
            <Button onClick={() => void from.reload()}>Try again</Button>
          </div>
        </ErrorNote>
      );
    case 'ready':
      return (
        <>
          {current.refreshError !== null && <ErrorNote error={{ ...current.refreshError, remedy: 'What follows is from before' }} />}
          {children(current.value)}
        </>
      );
  }
}
