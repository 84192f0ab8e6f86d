import { AppError } from '@gitprotect/shared/errors';
import type { Repo } from '@gitprotect/shared/repo';
import { type Kysely, sql } from 'kysely';
import type { RemoteProject } from '../bitbucket/projects.ts';
import type { Tables } from '../db/schema.ts';
import { changesBetween, freshRepos, rememberChanges } from './access-changes.ts';

/** A repo that some credential has seen in a project. */
export interface KnownRepo extends Repo {
  readonly projectId: string;
  readonly lastSeenAt: string;
}

/** A repo that was known under another name or in another project. */
export interface RepoMoved {
  readonly repoId: number;
  readonly from: { readonly projectId: string; readonly slug: string };
  readonly to: { readonly projectId: string; readonly slug: string };
}

/** What one credential saw of one project, whole: what it does not list, it does not see. */
export interface Sighting {
  readonly serverId: string;
  readonly projectId: string;
  readonly credentialId: string;
  readonly repos: readonly Repo[];
  /** How the server names the project now; absent when the credential is not shown it. */
  readonly remote?: RemoteProject | undefined;
  readonly now: number;
}

/** Writes down a look at a project, in one transaction. Repos are told by number, so a rename or move is no new repo. */
export async function rememberSighting(db: Kysely<Tables>, sighting: Sighting): Promise<RepoMoved[]> {
  return db.transaction().execute((transaction) => writeSighting(transaction, sighting));
}

/** As `rememberSighting`, inside a transaction of the caller's. */
export async function writeSighting(db: Kysely<Tables>, sighting: Sighting): Promise<RepoMoved[]> {
  const { serverId, projectId, credentialId, repos, now } = sighting;
  if (sighting.remote !== undefined) await nameProject(db, projectId, sighting.remote);
  const moved: RepoMoved[] = [];
  const known = new Map(
    (await db.selectFrom('repos').selectAll().where('server_id', '=', serverId).execute()).map((row) => [row.repo_id, row]),
  );
  const attachments = await db.selectFrom('attachments').select(['credential_id', 'sees']).where('project_id', '=', projectId).execute();
  const seenBefore = await seenIn(db, projectId, credentialId);
  const changes = changesBetween({
    before: attachments.some((one) => one.credential_id === credentialId && one.sees !== null) ? seenBefore : null,
    known: new Set([...known.values()].filter((row) => row.project_id === projectId).map((row) => row.repo_id)),
    now: new Map(repos.map(({ id, slug }) => [id, slug])),
    fresh: await freshRepos(db, projectId, now),
    looked: attachments.some(({ sees }) => sees !== null),
  });
  await rememberChanges(db, { projectId, credentialId, now }, changes);
  const forget = db.selectFrom('repos').select('repo_id').where('project_id', '=', projectId);
  await db.deleteFrom('sightings').where('credential_id', '=', credentialId).where('repo_id', 'in', forget).execute();
  for (const repo of repos) {
    const before = known.get(repo.id);
    if (before !== undefined && (before.slug !== repo.slug || before.project_id !== projectId)) {
      moved.push({
        repoId: repo.id,
        from: { projectId: before.project_id, slug: before.slug },
        to: { projectId, slug: repo.slug },
      });
    }
  }
  await writeRepos(db, sighting);
  const touched = new Set([projectId, ...moved.map(({ from }) => from.projectId)]);
  for (const id of touched) await countAgain(db, id);
  await db
    .updateTable('attachments')
    .set({ sees: repos.length })
    .where('project_id', '=', projectId)
    .where('credential_id', '=', credentialId)
    .execute();
  return moved;
}

/** The repos go in as one value: a thousand rows of parameters take longer to put together than to write. */
async function writeRepos(db: Kysely<Tables>, { serverId, projectId, credentialId, repos, now }: Sighting): Promise<void> {
  const lastSeenAt = new Date(now).toISOString();
  const rows = JSON.stringify(repos.map(({ id, slug, name, archived, forkOf }) => [id, slug, name, archived ? 1 : 0, forkOf]));
  await sql`
    insert into repos (server_id, repo_id, project_id, slug, name, archived, fork_of, last_seen_at)
    select ${serverId}, value ->> 0, ${projectId}, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ${lastSeenAt} from json_each(${rows}) where true
    on conflict (server_id, repo_id) do update set project_id = excluded.project_id, slug = excluded.slug, name = excluded.name,
      archived = excluded.archived, fork_of = excluded.fork_of, last_seen_at = excluded.last_seen_at`.execute(db);
  await sql`
    insert into sightings (credential_id, server_id, repo_id)
    select ${credentialId}, ${serverId}, value ->> 0 from json_each(${rows}) where true on conflict do nothing`.execute(db);
}

/** What one credential saw of a project at its last look, by number. */
async function seenIn(db: Kysely<Tables>, projectId: string, credentialId: string): Promise<Map<number, string>> {
  const rows = await db
    .selectFrom('sightings')
    .innerJoin('repos', (join) =>
      join.onRef('repos.server_id', '=', 'sightings.server_id').onRef('repos.repo_id', '=', 'sightings.repo_id'),
    )
    .select(['repos.repo_id as id', 'repos.slug'])
    .where('repos.project_id', '=', projectId)
    .where('credential_id', '=', credentialId)
    .execute();
  return new Map(rows.map(({ id, slug }) => [id, slug]));
}

/** Takes over the project's name and key. @throws AppError `project-not-found` when the key belongs to another project by now */
async function nameProject(db: Kysely<Tables>, projectId: string, { id, key, name }: RemoteProject): Promise<void> {
  const row = await db.selectFrom('projects').selectAll().where('id', '=', projectId).executeTakeFirstOrThrow();
  if (row.bitbucket_id !== null && row.bitbucket_id !== id) {
    throw new AppError('project-not-found', `the key ${row.key} belongs to another project than the one that was added`, {
      remedy: 'remove the project here and add it under its present key',
    });
  }
  const taken = await db
    .selectFrom('projects')
    .select('id')
    .where('server_id', '=', row.server_id)
    .where('key', '=', key)
    .executeTakeFirst();
  const free = taken === undefined || taken.id === projectId;
  await db
    .updateTable('projects')
    .set({ name, bitbucket_id: id, ...(free ? { key } : {}) })
    .where('id', '=', projectId)
    .execute();
}

async function countAgain(db: Kysely<Tables>, projectId: string): Promise<void> {
  await db
    .updateTable('attachments')
    .set({
      of: db
        .selectFrom('repos')
        .select((count) => count.fn.countAll<number>().as('n'))
        .where('project_id', '=', projectId),
    })
    .where('project_id', '=', projectId)
    .execute();
}

/** Every repo ever seen in a project and not forgotten, by number. */
export async function knownRepos(db: Kysely<Tables>, projectId: string): Promise<KnownRepo[]> {
  const rows = await db
    .selectFrom('repos')
    .innerJoin('projects', 'projects.id', 'repos.project_id')
    .selectAll('repos')
    .select('projects.key')
    .where('project_id', '=', projectId)
    .orderBy('repo_id')
    .execute();
  return rows.map((row) => ({
    id: row.repo_id,
    slug: row.slug,
    name: row.name,
    projectKey: row.key,
    archived: row.archived === 1,
    forkOf: row.fork_of,
    projectId: row.project_id,
    lastSeenAt: row.last_seen_at,
  }));
}

/** Forgets a repo that was deleted in Bitbucket on purpose, so that it no longer counts as uncovered. Its backups stay. */
export async function forgetRepo(db: Kysely<Tables>, serverId: string, repoId: number): Promise<void> {
  await db.deleteFrom('repos').where('server_id', '=', serverId).where('repo_id', '=', repoId).execute();
}
