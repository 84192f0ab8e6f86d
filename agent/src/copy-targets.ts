import type { CopyTarget } from './backup/copy/copy-step.ts';
import { leansKnown } from './catalogue/leans.ts';
import type { Database } from './db/database.ts';
import type { StorageStore } from './storages/storage-store.ts';

/** The storages that plans copy to, each with the servers and repos of all plans that do. */
export async function copyTargets(db: Database, storages: StorageStore): Promise<CopyTarget[]> {
  const plans = await db
    .selectFrom('plans')
    .innerJoin('plan_projects', 'plan_projects.plan_id', 'plans.id')
    .innerJoin('projects', 'projects.id', 'plan_projects.project_id')
    .select(['plans.copy_to as storage_id', 'projects.id as project_id', 'projects.server_id as server_id'])
    .where('plans.copy_to', 'is not', null)
    .execute();
  const inUse = await storages.inUse();
  const repos = await db.selectFrom('repos').select(['server_id', 'repo_id', 'project_id']).execute();
  const leans = Map.groupBy(await leansKnown(db), ({ serverId, forkId }) => `${serverId}/${forkId}`);
  const targets: CopyTarget[] = [];
  for (const [id, of] of Map.groupBy(plans, ({ storage_id }) => storage_id ?? '')) {
    // Backups that go there already need no copy there.
    if (id === inUse) continue;
    const projects = new Set(of.map(({ project_id }) => project_id));
    // A repo that Bitbucket shows no more is of no project: it is copied to be on the safe side.
    const others = new Set(
      repos.filter(({ project_id }) => !projects.has(project_id)).map(({ server_id, repo_id }) => `${server_id}/${repo_id}`),
    );
    // What a fork that is copied leans on is copied with it, whatever plan it is of.
    for (const [fork, on] of leans) if (!others.has(fork)) for (const one of on) others.delete(`${one.serverId}/${one.on.repoId}`);
    const { name } = await storages.get(id);
    targets.push({
      id,
      name,
      serverIds: [...new Set(of.map(({ server_id }) => server_id))],
      leavesOut: ({ serverId, repoId }) => others.has(`${serverId}/${repoId}`),
      leansOn: ({ serverId, repoId }) => (leans.get(`${serverId}/${repoId}`) ?? []).map(({ on }) => ({ serverId, repoId: on.repoId })),
      open: async () => (await storages.open(id, { first: false })).storage,
    });
  }
  return targets;
}
