import { hashOf } from '../../../routes.ts';
import { Ago } from '../../../ui/parts/ago.tsx';
import { Empty } from '../../../ui/parts/empty.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { RepoList } from './repo-list.tsx';
import { RepoPage } from './repo-page.tsx';

/** What can be brought back: projects, then repos (`#/snapshots/ORCH`), then the snapshots of one (`#/snapshots/ORCH%2Fcore`). */
export function Snapshots({ id }: { id: string | undefined }) {
  const store = useStore();
  if (id !== undefined) {
    const [projectKey = '', slug] = id.split('/');
    return slug === undefined ? <RepoList projectKey={projectKey} /> : <RepoPage key={id} projectKey={projectKey} slug={slug} />;
  }
  return (
    <>
      <div class="page-head">
        <h1>Snapshots</h1>
      </div>
      <Loaded from={store.projects}>
        {(projects) => {
          const keys = [...new Map(projects.map((project) => [project.key, project])).values()];
          return keys.length === 0 ? (
            <Empty title="No projects yet">
              <p class="sub">Snapshots are listed by project. Those of a project that was removed: npx gitprotect-agent snapshots</p>
              <a class="button primary" href="#/bitbucket/new">
                Add project
              </a>
            </Empty>
          ) : (
            <section class="card">
              <ul class="list">
                {keys.map(({ id: projectId, key, name, lastSnapshotAt }) => (
                  <li key={projectId} class="row">
                    <a class="grow" href={hashOf({ page: 'snapshots', id: key })}>
                      {name ?? key} <small>{key}</small>
                    </a>
                    <span class="sub">
                      {lastSnapshotAt === null ? (
                        'no snapshot yet'
                      ) : (
                        <>
                          newest <Ago time={lastSnapshotAt} />
                        </>
                      )}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          );
        }}
      </Loaded>
    </>
  );
}
