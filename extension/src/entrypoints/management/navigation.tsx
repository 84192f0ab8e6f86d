import { Logo } from '../../ui/parts/logo.tsx';
import { Lozenge } from '../../ui/parts/lozenge.tsx';
import { useStore } from '../../ui/store/use-store.ts';
import { connectionWord } from '../../ui/words/connection-words.ts';
import { type Route, hashOf } from '../../routes.ts';

const tabs = [
  ['overview', 'Overview'],
  ['bitbucket', 'Bitbucket'],
  ['plans', 'Plans'],
  ['runs', 'Runs'],
  ['snapshots', 'Snapshots'],
  ['settings', 'Settings'],
] as const;

/** The product's name, the pages, and how the agent is. */
export function Navigation({ route }: { route: Route }) {
  const { connection } = useStore();
  return (
    <header class="top">
      <div class="wide">
        <a class="brand" href="#/">
          <Logo /> GitProtect
        </a>
        <nav aria-label="Pages">
          {tabs.map(([page, name]) => (
            <a key={page} href={hashOf({ page })} aria-current={route.page === page ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <span class="agent" role="status">
          <Lozenge {...connectionWord(connection.value)} />
        </span>
      </div>
    </header>
  );
}
