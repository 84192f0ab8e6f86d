import { Lozenge } from '../../ui/parts/lozenge.tsx';
import { Logo } from '../../ui/parts/logo.tsx';
import { useStore } from '../../ui/store/use-store.ts';
import { connectionWord } from '../../ui/words/connection-words.ts';
import { EnableSite } from './enable-site.tsx';
import { managementLink } from './management-link.ts';
import { PopupBody } from './popup-body.tsx';

/** The window below the toolbar button. */
export function Popup() {
  const { connection } = useStore();
  return (
    <>
      <header class="popup-header">
        <Logo />
        <h1>GitProtect</h1>
        <span role="status">
          <Lozenge {...connectionWord(connection.value)} />
        </span>
      </header>
      <main class="stack">
        <EnableSite />
        <PopupBody connection={connection.value} />
      </main>
      <footer>
        <a href={managementLink('')} target="_blank">
          Open management page
        </a>
      </footer>
    </>
  );
}
