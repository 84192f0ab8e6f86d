import { hashOf } from '../../../routes.ts';
import { Ago } from '../../../ui/parts/ago.tsx';
import { Empty } from '../../../ui/parts/empty.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { type ListedProject, listedProjects } from './listed-projects.ts';
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
        {(projects) => (
          <Loaded from={store.snapshots()}>{(snapshots) => <ProjectList projects={listedProjects(projects, snapshots)} />}</Loaded>
        )}
      </Loaded>
    </>
  );
}

function ProjectList({ projects }: { projects: readonly ListedProject[] }) {
  if (projects.length === 0) {
    return (
      <Empty title="No projects yet">
        <p class="sub">Each run of a plan makes a snapshot of every repository that changed.</p>
        <a class="button primary" href="#/bitbucket/new">
          Add project
        </a>
      </Empty>
    );
  }
  return (
    <section class="card">
      <ul class="list">
        {projects.map(({ key, name, newestAt, removed }) => (
          <li key={key} class="row">
            <span class="grow">
              <a href={hashOf({ page: 'snapshots', id: key })}>{name}</a> {name !== key && <small>{key}</small>}
              {removed && <small> no longer backed up here</small>}
            </span>
            <span class="sub">
              {newestAt === null ? (
                'no snapshot yet'
              ) : (
                <>
                  newest <Ago time={newestAt} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
