import type { Need } from '@gitprotect/shared/status';
import { sentence } from '../words/sentence.ts';
import { Note } from '../parts/note.tsx';

/** What needs a person, with the way to its cure. `linkTo` makes an address of a route of the management page. */
export function Needs({ needs, linkTo }: { needs: readonly Need[]; linkTo: (route: string) => string }) {
  if (needs.length === 0) return null;
  return (
    <Note tone="warn">
      <b>{needs.length === 1 ? '1 thing needs you.' : `${needs.length} things need you.`}</b>{' '}
      <ul class={needs.length === 1 ? 'needs one' : 'needs'}>
        {needs.map(({ message, remedy, route }) => (
          <li key={message + (route ?? '')}>
            {sentence(message)} {remedy !== null && sentence(remedy)}{' '}
            {route !== null && (
              <a href={linkTo(route)} target={linkTo(route).startsWith('#') ? undefined : '_blank'}>
                Put it right
                <span class="unseen">: {message}</span>
              </a>
            )}
          </li>
        ))}
      </ul>
    </Note>
  );
}
