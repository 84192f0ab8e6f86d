import { useState } from 'preact/hooks';
import { Button } from '../../../ui/parts/button.tsx';
import { Field } from '../../../ui/parts/field.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { AddServerForm } from './add-server-form.tsx';
import { AvailableProjects } from './available-projects.tsx';
import { ProjectByKey } from './project-by-key.tsx';

/** Picks a server, then its projects: from the list that our credentials see, or by key. */
export function AddProject() {
  const store = useStore();
  const [picked, setPicked] = useState<string | null>(null);
  const [addingServer, setAddingServer] = useState(false);
  return (
    <>
      <nav aria-label="Breadcrumb">
        <a href="#/bitbucket">← Bitbucket</a>
      </nav>
      <h1>Add project</h1>
      <Loaded from={store.servers}>
        {(servers) => {
          const server = servers.find(({ id }) => id === picked) ?? servers[0];
          if (server === undefined || addingServer) {
            return (
              <section class="card">
                <h2>{server === undefined ? 'First, your Bitbucket server' : 'Add server'}</h2>
                <AddServerForm
                  onDone={(added) => {
                    setAddingServer(false);
                    if (added === null && server === undefined) location.hash = '#/bitbucket';
                    if (added !== null) setPicked(added.id);
                  }}
                />
              </section>
            );
          }
          return (
            <section class="card">
              <div class="row bottom">
                <Field label="Server">
                  {(ids) => (
                    <select {...ids} value={server.id} onChange={(event) => setPicked(event.currentTarget.value)}>
                      {servers.map(({ id, url }) => (
                        <option key={id} value={id}>
                          {url}
                        </option>
                      ))}
                    </select>
                  )}
                </Field>
                <Button onClick={() => setAddingServer(true)}>Add server</Button>
              </div>
              <AvailableProjects key={server.id} serverId={server.id} />
              <ProjectByKey key={`key of ${server.id}`} serverId={server.id} />
            </section>
          );
        }}
      </Loaded>
    </>
  );
}
