import type { Connection } from '../../agent/messages.ts';
import { ConnectionNote } from '../../ui/agent/connection-note.tsx';
import { PairForm } from '../../ui/agent/pair-form.tsx';
import { Connected } from './connected.tsx';

/** What follows from how this browser stands with its agent. */
export function PopupBody({ connection }: { connection: Connection | null }) {
  switch (connection?.state) {
    case undefined:
      return null;
    case 'unpaired':
      return (
        <section class="card">
          <h2>Pair this browser with your agent</h2>
          <PairForm />
        </section>
      );
    case 'connected':
      return <Connected />;
    case 'offline':
    case 'not-your-agent':
    case 'refused':
      return <ConnectionNote connection={connection} />;
  }
}
