import { PairForm } from '../../../ui/agent/pair-form.tsx';
import { useStore } from '../../../ui/store/use-store.ts';

/** Pairs this browser with the agent. */
export function Pair() {
  const connection = useStore().connection.value;
  return (
    <section class="narrow stack">
      <h1>Pair this browser with your agent</h1>
      <p class="sub">
        The agent runs on this machine, keeps the tokens and does the backups. Pairing lets this browser talk to it, and nothing else on the
        machine or in the web.
      </p>
      {connection?.state === 'connected' && (
        <p class="done">This browser is paired, and the agent answers. Pairing again replaces the key.</p>
      )}
      <div class="card">
        <PairForm />
      </div>
    </section>
  );
}
