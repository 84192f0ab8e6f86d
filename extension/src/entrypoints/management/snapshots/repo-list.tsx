import { formatBytes } from '@gitprotect/shared/format';
import { useState } from 'preact/hooks';
import { hashOf } from '../../../routes.ts';
import { Ago } from '../../../ui/parts/ago.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Empty } from '../../../ui/parts/empty.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { Pager } from '../../../ui/parts/pager.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { ProjectGuards } from '../guards.tsx';
import { RestoreProject } from './restore-project.tsx';
import { byRepo } from './by-repo.ts';

const pageSize = 100;

/** The repos of a project that have snapshots. */
export function RepoList({ projectKey }: { projectKey: string }) {
  const store = useStore();
  const [wanted, setWanted] = useState('');
  const [page, setPage] = useState(0);
  const [restoring, setRestoring] = useState(false);
  return (
    <>
      <nav aria-label="Breadcrumb">
        <a href="#/snapshots">← Snapshots</a>
      </nav>
      <div class="page-head">
        <h1>{projectKey}</h1>
        <Button onClick={() => setRestoring(true)} label={`Restore project ${projectKey}`}>
          Restore project…
        </Button>
      </div>
      <ProjectGuards projectKeys={[projectKey]} />
      <Loaded from={store.snapshots(projectKey)}>
        {(snapshots) => {
          const repos = byRepo(snapshots).filter(({ slug }) => slug.includes(wanted.trim().toLowerCase()));
          if (snapshots.length === 0) {
            return (
              <Empty title="No snapshots yet">
                <p class="sub">
                  Each run of a plan with this project makes one for every repository that changed. <a href="#/plans">See plans</a>
                </p>
              </Empty>
            );
          }
          const [{ serverId } = { serverId: '' }] = snapshots;
          return (
            <>
              {restoring && <RestoreProject projectKey={projectKey} serverId={serverId} onClose={() => setRestoring(false)} />}
              <section class="card">
                <div class="fields">
                  <TextField
                    label="Repository"
                    type="search"
                    value={wanted}
                    placeholder="Name"
                    onInput={(text) => {
                      setWanted(text);
                      setPage(0);
                    }}
                  />
                </div>
                <div class="table">
                  <table>
                    <thead>
                      <tr>
                        <th scope="col">Repository</th>
                        <th scope="col">Newest</th>
                        <th scope="col" class="figure">
                          Snapshots
                        </th>
                        <th scope="col" class="figure">
                          In storage
                        </th>
                      </tr>
                    </thead>
                    <tbody>
                      {repos
                        .slice(page * pageSize, (page + 1) * pageSize)
                        .map(({ repoId, serverId, slug, snapshots: [newest, ...older] }) => (
                          <tr key={`${serverId}/${repoId}`}>
                            <th scope="row">
                              <a href={hashOf({ page: 'snapshots', id: `${projectKey}/${slug}` })}>{slug}</a>
                            </th>
                            <td data-label="Newest">
                              <Ago time={newest.takenAt} />
                              {newest.warnings.length > 0 && <span class="warn-text"> · with warnings</span>}
                            </td>
                            <td class="figure" data-label="Snapshots">
                              {older.length + 1}
                            </td>
                            <td class="figure" data-label="In storage">
                              {formatBytes(newest.chainBytes)}
                            </td>
                          </tr>
                        ))}
                    </tbody>
                  </table>
                </div>
                <Pager page={page} size={pageSize} total={repos.length} noun="repositories" onPage={setPage} />
              </section>
            </>
          );
        }}
      </Loaded>
    </>
  );
}
