import { formatCount } from '@gitprotect/shared/format';
import type { AgentStatus } from '@gitprotect/shared/status';
import { Ago } from '../../../ui/parts/ago.tsx';
import { sentence } from '../../../ui/words/sentence.ts';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { Note } from '../../../ui/parts/note.tsx';
import { useStore } from '../../../ui/store/use-store.ts';

const vaults: Record<AgentStatus['vault']['kind'], string> = {
  keychain: 'the keychain of this system',
  'sealed-file': 'a file sealed with your passphrase',
  'key-file': 'a sealed file, its key in a file beside it',
};

/** The agent and its vault. */
export function AgentCard() {
  return (
    <section class="card">
      <h2>Agent and vault</h2>
      <Loaded from={useStore().status}>
        {({ version, startedAt, port, home, vault, counts }) => (
          <>
            <dl class="facts">
              <dt>Version</dt>
              <dd>{version}</dd>
              <dt>Running since</dt>
              <dd>
                <Ago time={startedAt} />, on 127.0.0.1:{port}
              </dd>
              <dt>Home</dt>
              <dd>
                <code>{home}</code>
              </dd>
              <dt>Tokens rest in</dt>
              <dd>
                {vaults[vault.kind]}
                {vault.locked && <b class="bad-text"> (locked)</b>}
              </dd>
              <dt>Keeps</dt>
              <dd>
                {formatCount(counts.credentials, 'credential')}, {formatCount(counts.projects, 'project')},{' '}
                {formatCount(counts.plans, 'plan')}
              </dd>
            </dl>
            {vault.warning !== null && <Note tone={vault.locked ? 'bad' : 'warn'}>{sentence(vault.warning)}</Note>}
          </>
        )}
      </Loaded>
    </section>
  );
}
