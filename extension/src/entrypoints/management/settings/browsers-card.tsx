import type { Pairing } from '@gitprotect/shared/status';
import { useState } from 'preact/hooks';
import { Ago } from '../../../ui/parts/ago.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Confirm } from '../../../ui/parts/confirm.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';

/** Who else is paired with the agent. */
export function BrowsersCard() {
  const store = useStore();
  const [removing, setRemoving] = useState<Pairing | null>(null);
  return (
    <section class="card">
      <h2>Paired with this agent</h2>
      <Loaded from={store.pairings}>
        {(pairings) => (
          <ul class="list">
            {pairings.map((pairing) => (
              <li key={pairing.id} class="row">
                <span class="grow">
                  {pairing.name} <small>{pairing.kind === 'cli' ? 'command line' : pairing.origin}</small>
                  <small class="below">
                    paired <Ago time={pairing.createdAt} />
                    {pairing.lastSeenAt !== null && (
                      <>
                        , seen <Ago time={pairing.lastSeenAt} />
                      </>
                    )}
                  </small>
                </span>
                <Button look="quiet" onClick={() => setRemoving(pairing)} label={`Remove ${pairing.name}`}>
                  Remove
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {removing !== null && (
        <Confirm
          title={`Remove “${removing.name}”?`}
          deed="Remove"
          act={async () => {
            try {
              await store.call('pairing.remove', { id: removing.id });
            } catch (error) {
              // Our own pairing takes the connection with it, often before the answer comes.
              await store.look();
              if (store.connection.peek()?.state !== 'unpaired') throw error;
            }
            await store.refresh('pairings');
            store.said.value = `“${removing.name}” was removed.`;
          }}
          onClose={() => setRemoving(null)}
        >
          <p>It can no longer talk to the agent until it is paired again. If it is the browser in front of you, this page goes with it.</p>
        </Confirm>
      )}
    </section>
  );
}
