import { ConnectionNote } from '../../ui/agent/connection-note.tsx';
import { useStore } from '../../ui/store/use-store.ts';
import { Navigation } from './navigation.tsx';
import { Page } from './page.tsx';
import { useRoute } from './use-route.ts';

/** The management page: navigation, what stands between us and the agent, and the page of the route. */
export function Management() {
  const route = useRoute();
  const connection = useStore().connection.value;
  const away = connection !== null && connection.state !== 'connected' && connection.state !== 'unpaired';
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to content
      </a>
      <Navigation route={route} />
      <main id="main" tabIndex={-1} class="wide">
        {away && <ConnectionNote connection={connection} />}
        <Page route={route} />
      </main>
    </>
  );
}

/** Without touching the address: its hash is the route. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
