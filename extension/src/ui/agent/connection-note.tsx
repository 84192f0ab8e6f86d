import type { Connection } from '../../agent/messages.ts';
import { Button } from '../parts/button.tsx';
import { Command } from '../parts/command.tsx';
import { sentence } from '../words/sentence.ts';
import { Note } from '../parts/note.tsx';
import { useAction } from '../store/use-action.ts';
import { useStore } from '../store/use-store.ts';
import { startCommand } from '../words/connection-words.ts';
import { LastSeen } from './last-seen.tsx';

type NotConnected = Exclude<Connection, { state: 'connected' | 'unpaired' }>;

/** Why the agent cannot be asked, and how to put it right. */
export function ConnectionNote({ connection }: { connection: NotConnected }) {
  const store = useStore();
  const looking = useAction(() => store.look());
  const again = (
    <Button busy={looking.busy} onClick={() => void looking.run()}>
      {looking.busy ? 'Trying…' : 'Try again'}
    </Button>
  );
  switch (connection.state) {
    case 'offline':
      return (
        <div class="stack">
          <Note tone="warn" alert>
            <b>Backups on this machine may have stopped.</b> Start the agent:
            <Command text={startCommand} />
          </Note>
          {connection.lastSeen !== null && <LastSeen seen={connection.lastSeen} />}
          <div class="actions start">{again}</div>
        </div>
      );
    case 'not-your-agent':
      return (
        <Note tone="bad" alert>
          <b>Something else answers in your agent’s place.</b> What listens on 127.0.0.1:{connection.port} could not prove that it is the
          agent this browser was paired with. Nothing was sent to it. Find out which program uses the port; if you reinstalled the agent
          yourself, unpair this browser in Settings and pair it again.
          <div class="actions start">{again}</div>
        </Note>
      );
    case 'refused':
      return (
        <Note tone="bad" alert>
          <b>{sentence(connection.error.message)}</b>{' '}
          {sentence(connection.error.remedy ?? 'Update the agent and the extension to the same version, or pair this browser again')}
          <div class="actions start">{again}</div>
        </Note>
      );
  }
}
