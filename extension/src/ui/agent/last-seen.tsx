import type { Connection } from '../../agent/messages.ts';
import { useStore } from '../store/use-store.ts';
import { moment } from '../words/moment.ts';
import { runWord } from '../words/run-words.ts';

type Seen = NonNullable<Extract<Connection, { state: 'offline' }>['lastSeen']>;

/** What the agent was doing when it last answered. */
export function LastSeen({ seen }: { seen: Seen }) {
  const now = useStore().time.value;
  return (
    <div class="sub">
      <p>Last seen {moment(Date.parse(seen.at), now)}.</p>
      {seen.plans.length > 0 && (
        <ul class="plain">
          {seen.plans.map(({ name, lastRun }) => (
            <li key={name}>
              {name}:{' '}
              {lastRun === null ? 'never run' : `last run ${moment(Date.parse(lastRun.startedAt), now)}, ${runWord(lastRun.state).text}`}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
