import { useState } from 'preact/hooks';
import { Button } from '../../../ui/parts/button.tsx';
import { Confirm } from '../../../ui/parts/confirm.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { go } from '../use-route.ts';

/** Whether this browser is paired, and the way out of it. */
export function ThisBrowserCard() {
  const store = useStore();
  const [asking, setAsking] = useState(false);
  const connection = store.connection.value;
  const paired = connection !== null && connection.state !== 'unpaired';
  return (
    <section class="card">
      <h2>This browser</h2>
      {paired ? (
        <div class="row">
          <p class="grow sub">Paired with the agent. Its key cannot be read out of this browser.</p>
          <Button onClick={() => setAsking(true)}>Unpair this browser</Button>
        </div>
      ) : (
        <div class="row">
          <p class="grow sub">Not paired with an agent.</p>
          <a class="button primary" href="#/pair">
            Pair
          </a>
        </div>
      )}
      {asking && (
        <Confirm
          title="Unpair this browser?"
          deed="Unpair"
          act={async () => {
            await store.local('unpair', {});
            await store.look();
            go({ page: 'pair' });
          }}
          onClose={() => setAsking(false)}
        >
          <p>
            It forgets its key and shows nothing until it is paired again. Backups go on; the agent keeps its own record until you remove it
            below.
          </p>
        </Confirm>
      )}
    </section>
  );
}
