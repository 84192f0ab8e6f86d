import { topPlace } from '../bitbucket/top-place.ts';
import { isOrphaned } from '../agent/client.ts';
import { Fights } from '../in-page/fights.ts';
import { type Host, createHost } from '../in-page/host.tsx';
import { Button, Mark, Problem } from '../in-page/parts.tsx';
import { CreateCard } from './cards/create-card.tsx';
import { factsOf, isoDay } from './token-state.ts';
import type { Page, StartFeature } from './page.ts';
import { TokenButton } from './token-button.tsx';

/** A list that comes late is given this long before ours takes its place. */
const lateness = 1_500;

/** *Create a backup token* above the list; and where no rows are found, or none may be touched, the tokens themselves. */
export const topPanel: StartFeature = (page) => {
  const started = page.now();
  const fights = new Fights();
  let host: Host | null = null;
  let parent: Node | null = null;
  let height = 0;
  let docked = false;

  const stop = () => {
    host?.remove();
    host = null;
  };
  const mount = (): Host => {
    const rows = page.rowsRefused ? [] : page.rows().map(({ element }) => element);
    const place = topPlace(document, rows, height);
    const made = createHost('top');
    place.parent.insertBefore(made.element, place.before);
    ({ parent } = place);
    return made;
  };
  const pass = () => {
    if (!page.lists) return;
    const bare = page.rowsRefused || page.rows().length === 0;
    if (bare && page.now() - started < lateness) return;
    if (host !== null && !host.element.isConnected) {
      // A list that is rendered anew takes along what stands beside it: next time further out.
      if (parent?.isConnected === true) height += 1;
      docked = fights.lost(page.now());
      stop();
      host = docked ? dock() : mount();
    }
    host ??= mount();
    host.show(<Top page={page} bare={bare} docked={docked} anchor={host.element} />);
  };
  const timer = setTimeout(pass, lateness);
  return {
    pass,
    stop() {
      clearTimeout(timer);
      stop();
    },
  };
};

/** To where no list of the page's reaches. */
function dock(): Host {
  const made = createHost('dock');
  document.documentElement.append(made.element);
  return made;
}

interface TopProps {
  readonly page: Page;
  /** Whether the page shows no list that we could put buttons into. */
  readonly bare: boolean;
  /** Whether it lies over the page: closed then, until a person opens it. */
  readonly docked: boolean;
  readonly anchor: Element;
}

function Top({ page, bare, docked, anchor }: TopProps) {
  const { session, cards } = page;
  if (isOrphaned()) return <p class="bar">GitProtect was updated. Reload this page to use its buttons.</p>;
  const create = () => {
    const card = () => <CreateCard session={session} today={isoDay(page.now())} renews={null} close={() => cards.close()} />;
    cards.show('GitProtect: create a backup token', card, { anchor, focus: true });
  };
  const button = (
    <Button act={create}>
      <Mark />
      Create a backup token
    </Button>
  );
  if (!bare) return <div class="bar">{button}</div>;
  return (
    <details class="panel surface" open={!docked}>
      <summary>GitProtect: your tokens</summary>
      <div class="bar">{button}</div>
      {session.problem !== null && <Problem error={session.problem} />}
      {session.tokens.length === 0 && <p>You have no HTTP access token yet.</p>}
      <ul>
        {session.tokens.map((token) => (
          <li class="line" key={token.id}>
            <span class="text">
              {token.name} <small>{factsOf(token, page.now())}</small>
            </span>
            <TokenButton page={page} tokens={[token]} anchor={anchor} />
          </li>
        ))}
      </ul>
    </details>
  );
}
