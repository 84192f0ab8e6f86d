import type { Server } from '@gitprotect/shared/server';
import { useState } from 'preact/hooks';
import { Ago } from '../../../ui/parts/ago.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Confirm } from '../../../ui/parts/confirm.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { AddServerForm } from './add-server-form.tsx';

/** The Bitbucket servers the agent knows. */
export function Servers() {
  const store = useStore();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Server | null>(null);
  return (
    <section class="card">
      <div class="row">
        <h2 class="grow">Servers</h2>
        {!adding && <Button onClick={() => setAdding(true)}>Add server</Button>}
      </div>
      {adding && <AddServerForm onDone={() => setAdding(false)} />}
      <Loaded from={store.servers}>
        {(servers) =>
          servers.length === 0 ? (
            <p class="sub">No server yet. Adding one takes its address, and its certificate authority if it has its own.</p>
          ) : (
            <div class="table">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Address</th>
                    <th scope="col">Version</th>
                    <th scope="col">Certificate</th>
                    <th scope="col">Added</th>
                    <th scope="col">
                      <span class="unseen">Actions</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {servers.map((server) => (
                    <tr key={server.id}>
                      <th scope="row">{server.url}</th>
                      <td data-label="Version">{server.version ?? 'has not answered yet'}</td>
                      <td data-label="Certificate">
                        {server.hasCa ? 'own authority' : server.url.startsWith('https:') ? 'public authority' : 'none: not encrypted'}
                      </td>
                      <td data-label="Added">
                        <Ago time={server.addedAt} />
                      </td>
                      <td class="end">
                        <Button look="quiet" onClick={() => setRemoving(server)} label={`Remove ${server.url}`}>
                          Remove
                        </Button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
      {removing !== null && (
        <Confirm
          title={`Remove ${removing.url}?`}
          deed="Remove server"
          act={async () => {
            await store.call('server.remove', { id: removing.id });
            await store.refresh('servers', 'projects', 'credentials', 'plans', 'status');
            store.said.value = `${removing.url} was removed.`;
          }}
          onClose={() => setRemoving(null)}
        >
          <p>Its projects and credentials must be removed first. Snapshots stay in storage, and nothing changes in Bitbucket.</p>
        </Confirm>
      )}
    </section>
  );
}
