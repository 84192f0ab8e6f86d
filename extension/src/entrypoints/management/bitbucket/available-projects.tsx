import { useState } from 'preact/hooks';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { AvailableProject } from './available-project.tsx';

const most = 100;

/** The projects that the server shows to our credentials, with a search. */
export function AvailableProjects({ serverId }: { serverId: string }) {
  const store = useStore();
  const [wanted, setWanted] = useState('');
  return (
    <Loaded from={store.available(serverId)}>
      {(projects) => {
        if (projects.length === 0) {
          return (
            <p class="sub">No credential here sees a project of this server yet. Add the project by its key, then a credential for it.</p>
          );
        }
        const search = wanted.trim().toLowerCase();
        const found = projects.filter(({ key, name }) => `${key} ${name}`.toLowerCase().includes(search));
        return (
          <div class="stack">
            <TextField label="Search" type="search" value={wanted} onInput={setWanted} placeholder="Name or key" />
            <ul class="list">
              {found.slice(0, most).map((project) => (
                <AvailableProject key={project.key} serverId={serverId} project={project} />
              ))}
            </ul>
            <p class="sub" role="status">
              {found.length === 0
                ? `None of ${projects.length} projects is called that.`
                : found.length > most
                  ? `The first ${most} of ${found.length}; search to see others.`
                  : ''}
            </p>
          </div>
        );
      }}
    </Loaded>
  );
}
