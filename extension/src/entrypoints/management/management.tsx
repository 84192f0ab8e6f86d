import { useEffect, useRef } from 'preact/hooks';
import { ConnectionNote } from '../../ui/agent/connection-note.tsx';
import { Note } from '../../ui/parts/note.tsx';
import { useStore } from '../../ui/store/use-store.ts';
import { hashOf } from '../../routes.ts';
import { Navigation } from './navigation.tsx';
import { Page } from './page.tsx';
import { titleOf } from './titles.ts';
import { useRoute } from './use-route.ts';

/** In milliseconds. */
const saidFor = 10_000;

/** The management page: navigation, what stands between us and the agent, and the page of the route. */
export function Management() {
  const route = useRoute();
  const store = useStore();
  const main = useRef<HTMLElement>(null);
  const connection = store.connection.value;
  const away = connection !== null && connection.state !== 'connected' && connection.state !== 'unpaired';
  const askToPair = connection?.state === 'unpaired' && route.page !== 'pair' && route.page !== 'overview';
  const place = hashOf(route);
  const first = useRef(true);
  useEffect(() => {
    document.title = titleOf(route);
    // Another page: a keyboard goes on from its start, and a screen reader begins to read it.
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [place]);
  const said = store.said.value;
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => (store.said.value = null), saidFor);
    return () => clearTimeout(timer);
  }, [said]);
  const skip = (event: Event) => {
    // Without touching the address: its hash is the route.
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to content
      </a>
      <Navigation route={route} />
      <main ref={main} id="main" tabIndex={-1} class="wide">
        <div role="status">{said !== null && <p class="done">{said}</p>}</div>
        {away && <ConnectionNote connection={connection} />}
        {askToPair && (
          <Note tone="warn">
            This browser is not paired with an agent yet. <a href="#/pair">Pair it</a>
          </Note>
        )}
        <Page route={route} />
      </main>
    </>
  );
}
