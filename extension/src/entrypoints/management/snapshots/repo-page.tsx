import type { Snapshot } from '@gitprotect/shared/snapshot';
import { useState } from 'preact/hooks';
import { hashOf } from '../../../routes.ts';
import { Empty } from '../../../ui/parts/empty.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { Pager } from '../../../ui/parts/pager.tsx';
import { valueOf } from '../../../ui/store/loadable.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { Guards } from '../guards.tsx';
import { HoldDialog } from './hold-dialog.tsx';
import { Restore } from './restore.tsx';
import { SnapshotRow, type Stay } from './snapshot-row.tsx';

const pageSize = 50;

/** The snapshots of one repo, and its restore. */
export function RepoPage({ projectKey, slug }: { projectKey: string; slug: string }) {
  const store = useStore();
  const [page, setPage] = useState(0);
  const [chosen, setChosen] = useState<Snapshot | null>(null);
  const [holding, setHolding] = useState<Snapshot | null>(null);
  return (
    <>
      <nav aria-label="Breadcrumb">
        <a href={hashOf({ page: 'snapshots', id: projectKey })}>← {projectKey}</a>
      </nav>
      <h1>
        {slug} <small>{projectKey}</small>
      </h1>
      {chosen !== null && (
        <Restore key={`${chosen.serverId}/${chosen.repoId}/${chosen.id}`} snapshot={chosen} onClose={() => setChosen(null)} />
      )}
      {holding !== null && <HoldDialog snapshot={holding} onClose={() => setHolding(null)} />}
      <Loaded from={store.snapshots(projectKey, slug)}>
        {(snapshots) => {
          const [first] = snapshots;
          if (first === undefined) return <Empty title="No snapshots of this repository" />;
          const retention = valueOf(store.retention(first).current);
          const guards = retention?.guards ?? [];
          const stayOf = ({ repoId, id }: Snapshot): Stay | undefined =>
            retention?.repoId === repoId ? retention.snapshots.find(({ snapshotId }) => snapshotId === id) : undefined;
          return (
            <section class="card">
              <Guards guards={guards} />
              <div class="table">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Taken</th>
                      <th scope="col">Kind</th>
                      <th scope="col" class="figure">
                        Refs
                      </th>
                      <th scope="col" class="figure">
                        Added
                      </th>
                      <th scope="col">Stays because</th>
                      <th scope="col">
                        <span class="unseen">Actions</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {snapshots.slice(page * pageSize, (page + 1) * pageSize).map((snapshot) => (
                      <SnapshotRow
                        key={`${snapshot.serverId}/${snapshot.repoId}/${snapshot.id}`}
                        snapshot={snapshot}
                        stay={stayOf(snapshot)}
                        onHold={() => setHolding(snapshot)}
                        onRestore={() => setChosen(snapshot)}
                      />
                    ))}
                  </tbody>
                </table>
              </div>
              <Pager page={page} size={pageSize} total={snapshots.length} noun="snapshots" onPage={setPage} />
            </section>
          );
        }}
      </Loaded>
    </>
  );
}
