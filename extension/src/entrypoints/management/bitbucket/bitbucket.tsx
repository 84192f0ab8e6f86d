import { Empty } from '../../../ui/parts/empty.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { AddProject } from './add-project.tsx';
import { Project } from './project.tsx';
import { ProjectTile } from './project-tile.tsx';
import { Servers } from './servers.tsx';

/** Servers and projects; `#/bitbucket/new` adds a project, `#/bitbucket/<id>` edits one. */
export function Bitbucket({ id }: { id: string | undefined }) {
  const store = useStore();
  if (id === 'new') return <AddProject />;
  if (id !== undefined) return <Project id={id} />;
  return (
    <>
      <div class="page-head">
        <h1>Bitbucket</h1>
        <a class="button primary" href="#/bitbucket/new">
          Add project
        </a>
      </div>
      <Loaded from={store.projects}>
        {(projects) =>
          projects.length === 0 ? (
            <Empty title="No projects yet">
              <p class="sub">Add the Bitbucket projects that must survive. All their repositories come along, new ones too.</p>
              <a class="button primary" href="#/bitbucket/new">
                Add project
              </a>
            </Empty>
          ) : (
            <ul class="tiles">
              {projects.map((project) => (
                <ProjectTile key={project.id} project={project} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Servers />
    </>
  );
}
