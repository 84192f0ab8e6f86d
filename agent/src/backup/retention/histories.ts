import type { Guard } from '@gitprotect/shared/retention-view';
import type { Candidate, Policy, Standing } from '@gitprotect/shared/retention';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import { type Hold, holdsKnown } from '../../catalogue/holds.ts';
import { leansKnown } from '../../catalogue/leans.ts';
import { entryOf } from '../../catalogue/snapshot-row.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../lib/clock.ts';
import type { StoredPlan } from '../../plans/plan-store.ts';
import type { RepoPlace } from '../../storage/layout.ts';
import { standingGuards } from './guards.ts';

export interface HistoryParts {
  readonly db: Database;
  readonly plans: { list(): Promise<StoredPlan[]> };
  readonly clock: Clock;
}

/** The snapshots of one repo as the database has them, with everything retention goes by. */
export interface History {
  readonly repo: RepoPlace;
  /** As the newest snapshot names it. */
  readonly name: Pick<Snapshot, 'projectKey' | 'slug'>;
  readonly snapshots: readonly Snapshot[];
  readonly holds: ReadonlyMap<string, Hold>;
  /** Snapshots that a fork's lean on -> in words. */
  readonly leanedOn: ReadonlyMap<string, string>;
  /** Snapshots that are marked for removal -> from when on they may be removed. */
  readonly marked: ReadonlyMap<string, string>;
  readonly guards: readonly Guard[];
  readonly standing: Standing;
}

/** The history of every repo that has snapshots, or of one; one after the other, as there may be many. */
export async function* histories({ db, plans, clock }: HistoryParts, only?: RepoPlace): AsyncGenerator<History> {
  const all = await plans.list();
  const projects = await db.selectFrom('projects').selectAll().execute();
  const guards = await standingGuards(db);
  const leans = Map.groupBy(await leansKnown(db, only), ({ serverId, on }) => `${serverId}/${on.repoId}`);
  const query = db.selectFrom('snapshots').select(['server_id', 'repo_id']).distinct();
  const repos = await (
    only === undefined ? query : query.where('server_id', '=', only.serverId).where('repo_id', '=', only.repoId)
  ).execute();
  for (const { server_id, repo_id } of repos) {
    const repo = { serverId: server_id, repoId: repo_id };
    const rows = await db
      .selectFrom('snapshots')
      .selectAll()
      .where('server_id', '=', server_id)
      .where('repo_id', '=', repo_id)
      .orderBy('id', 'desc')
      .execute();
    const snapshots = rows.map((row) => entryOf(row).snapshot);
    const [newest] = snapshots;
    if (newest === undefined) continue;
    const known = await db
      .selectFrom('repos')
      .select('project_id')
      .where('server_id', '=', server_id)
      .where('repo_id', '=', repo_id)
      .executeTakeFirst();
    const project = projects.find((one) =>
      known === undefined ? one.server_id === server_id && one.key === newest.projectKey : one.id === known.project_id,
    );
    const seen = await db
      .selectFrom('sightings')
      .select('repo_id')
      .where('server_id', '=', server_id)
      .where('repo_id', '=', repo_id)
      .executeTakeFirst();
    const its = guards.filter(
      (guard) =>
        guard.repos.some((one) => one.serverId === server_id && one.repoId === repo_id) ||
        (guard.slug === null && guard.serverId === server_id && guard.projectKey === project?.key),
    );
    yield {
      repo,
      name: { projectKey: newest.projectKey, slug: newest.slug },
      snapshots,
      leanedOn: new Map((leans.get(`${server_id}/${repo_id}`) ?? []).map(({ on, words }) => [on.snapshotId, words])),
      holds: new Map((await holdsKnown(db, repo)).map((hold) => [hold.snapshotId, hold])),
      marked: await markedOf(db, repo),
      guards: its.map(({ serverId, projectKey, slug, message }) => ({ serverId, projectKey, slug, message })),
      standing: {
        policies: all.filter(({ projectIds }) => project !== undefined && projectIds.includes(project.id)).map(policyOf),
        there: seen !== undefined,
        guard: its.length === 0 ? null : 'waits for somebody to look',
        now: clock.now(),
      },
    };
  }
}

async function markedOf(db: Database, { serverId, repoId }: RepoPlace): Promise<Map<string, string>> {
  const rows = await db.selectFrom('marked').selectAll().where('server_id', '=', serverId).where('repo_id', '=', repoId).execute();
  return new Map(rows.map((row) => [row.snapshot_id, row.due_at]));
}

/** The snapshots for the rules to judge. */
export function candidatesOf({ snapshots, holds, leanedOn }: Pick<History, 'snapshots' | 'holds' | 'leanedOn'>): Candidate[] {
  return snapshots.map(({ id, takenAt, refs, lost }) => ({
    id,
    takenAt,
    good: refs > 0 && (lost ?? 0) === 0,
    held: holds.get(id)?.reason ?? null,
    needed: leanedOn.get(id) ?? null,
    vouched: true,
  }));
}

/** A plan that runs by hand has no time zone: its days are those of UTC. */
function policyOf({ name, keep, schedule }: StoredPlan): Policy {
  return { plan: name, keep, timeZone: schedule?.timeZone ?? 'UTC' };
}
