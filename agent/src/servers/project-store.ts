import { AppError } from '@gitprotect/shared/errors';
import type { AvailableProject, ProjectView } from '@gitprotect/shared/protocol';
import type { CoverageTable, Project } from '@gitprotect/shared/repo';
import type { Kysely } from 'kysely';
import type * as v from 'valibot';
import type { BitbucketClient } from '../bitbucket/client.ts';
import { patient } from '../bitbucket/patient.ts';
import type { Reader } from '../bitbucket/reader.ts';
import { listProjects, readProject, type RemoteProject } from '../bitbucket/projects.ts';
import { readNews } from '../credentials/access-changes.ts';
import { readCoverage } from '../credentials/coverage.ts';
import { credentialsInUse } from '../credentials/in-use.ts';
import { forgetRepo, knownRepos } from '../credentials/known-repos.ts';
import type { CredentialStore } from '../credentials/store.ts';
import type { ProjectRow, Tables } from '../db/schema.ts';
import type { Clock } from '../lib/clock.ts';
import { newId } from '../lib/id.ts';
import { coverageTable } from './coverage-table.ts';
import { projectView } from './project-view.ts';

type View = v.InferOutput<typeof ProjectView>;

export interface ProjectStoreOptions {
  readonly db: Kysely<Tables>;
  readonly clock: Clock;
  readonly credentials: CredentialStore;
  readonly clientOf: (serverId: string) => Promise<BitbucketClient>;
}

/** The projects somebody added: what plans select from. */
export interface ProjectStore {
  /**
   * Adds a project by key, even before any credential sees it, and attaches every stored credential that does. Added again, it is looked up again.
   * @throws AppError `not-found` for an unknown server
   */
  add(wanted: { readonly serverId: string; readonly key: string }, signal?: AbortSignal): Promise<View>;
  /** What the server shows to any of our credentials, by key. */
  available(serverId: string, signal?: AbortSignal): Promise<v.InferOutput<typeof AvailableProject>[]>;
  list(): Promise<View[]>;
  /** @throws AppError `not-found` */
  get(id: string): Promise<View>;
  /** Which account sees which repo, by the last looks. @throws AppError `not-found` */
  coverage(id: string): Promise<CoverageTable>;
  /** Forgets a repo that was deleted in Bitbucket. @throws AppError `not-found` */
  forgetRepo(id: string, slug: string): Promise<void>;
  /** @throws AppError `not-allowed` while a plan selects it */
  remove(id: string): Promise<void>;
}

/** How long news are shown. */
const newsDays = 14;

const toProject = (row: ProjectRow): Project => ({
  id: row.id,
  serverId: row.server_id,
  key: row.key,
  name: row.name,
  bitbucketId: row.bitbucket_id,
  addedAt: row.added_at,
});

export function projectStore({ db, clock, credentials, clientOf }: ProjectStoreOptions): ProjectStore {
  const rowOf = async (id: string): Promise<ProjectRow> => {
    const row = await db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst();
    if (row !== undefined) return row;
    throw new AppError('not-found', `there is no project ${id}`, { remedy: 'list the projects; it may have been removed' });
  };

  const view = async (row: ProjectRow): Promise<View> => {
    const project = toProject(row);
    const attached = await credentials.list({ projectId: project.id });
    const { url } = await db.selectFrom('servers').select('url').where('id', '=', project.serverId).executeTakeFirstOrThrow();
    const last = await db
      .selectFrom('snapshots')
      .select('taken_at')
      .where('server_id', '=', project.serverId)
      .where('project_key', '=', project.key)
      .orderBy('taken_at', 'desc')
      .executeTakeFirst();
    const ids = attached.map(({ id }) => id);
    const coverage = await readCoverage(db, project.id, ids);
    const since = new Date(clock.now() - newsDays * 86_400_000).toISOString();
    const news = await readNews(db, { projectIds: [project.id], since });
    return { ...projectView({ project, serverUrl: url, credentials: attached, coverage, lastSnapshotAt: last?.taken_at ?? null }), news };
  };

  /** What the first credential that sees the project is shown; the others' refusals do not matter then. */
  const seen = async (serverId: string, key: string, signal?: AbortSignal): Promise<RemoteProject | undefined> => {
    const client = await clientOf(serverId);
    return firstAnswer(
      await credentials.list({ serverId }),
      async ({ id }) => readProject(patient(client.as(await credentials.secret(id)), clock), key, signal),
      signal,
    );
  };

  return {
    add: async ({ serverId, key }, signal) => {
      const remote = await seen(serverId, key, signal);
      const values = {
        id: newId('project'),
        server_id: serverId,
        key: remote?.key ?? (key.startsWith('~') ? key : key.toUpperCase()),
        name: remote?.name ?? null,
        bitbucket_id: remote?.id ?? null,
        added_at: new Date(clock.now()).toISOString(),
      };
      const row = await db
        .insertInto('projects')
        .values(values)
        .onConflict((conflict) =>
          conflict
            .columns(['server_id', 'key'])
            .doUpdateSet(remote === undefined ? { key: values.key } : { name: remote.name, bitbucket_id: remote.id }),
        )
        .returningAll()
        .executeTakeFirstOrThrow();
      if (remote !== undefined) await credentials.attachAll(row.id, signal);
      return view(await rowOf(row.id));
    },
    available: async (serverId, signal) => {
      const client = await clientOf(serverId);
      const rows = await db.selectFrom('projects').select('key').where('server_id', '=', serverId).execute();
      const added = new Set(rows.map(({ key }) => key));
      const found = new Map<string, string>();
      for (const { id } of await credentials.list({ serverId })) {
        for await (const { key, name } of visibleTo(patient(client.as(await credentials.secret(id)), clock), signal)) found.set(key, name);
      }
      return [...found].toSorted(([a], [b]) => a.localeCompare(b)).map(([key, name]) => ({ key, name, added: added.has(key) }));
    },
    list: async () => {
      const rows = await db.selectFrom('projects').selectAll().orderBy('key').execute();
      return Promise.all(rows.map(view));
    },
    get: async (id) => view(await rowOf(id)),
    coverage: async (id) => {
      await rowOf(id);
      const attached = await credentials.list({ projectId: id });
      const used = new Set(
        (await credentialsInUse(db)).filter(({ projectId }) => projectId === id).map(({ credentialId }) => credentialId),
      );
      const ids = attached.map((one) => one.id);
      const { covered, uncovered } = await readCoverage(db, id, ids);
      return coverageTable(attached, used, [...covered, ...uncovered.map((repo) => ({ ...repo, credentialIds: [] }))]);
    },
    forgetRepo: async (id, slug) => {
      const { server_id: serverId, key } = await rowOf(id);
      const repo = (await knownRepos(db, id)).find((one) => one.slug === slug);
      if (repo === undefined) throw new AppError('not-found', `no repository ${key}/${slug} is known here`, { remedy: 'check its name' });
      await forgetRepo(db, serverId, repo.id);
    },
    remove: async (id) => {
      const { key } = await rowOf(id);
      const plans = await db
        .selectFrom('plan_projects')
        .innerJoin('plans', 'plans.id', 'plan_projects.plan_id')
        .select('plans.name')
        .where('project_id', '=', id)
        .execute();
      if (plans.length > 0) {
        throw new AppError('not-allowed', `${key} is backed up by ${plans.map(({ name }) => `“${name}”`).join(', ')}`, {
          remedy: 'take it out of those plans first; its backups in storage stay',
        });
      }
      await db.deleteFrom('projects').where('id', '=', id).execute();
    },
  };
}

/** The first answer that is not an error of ours; `undefined` when all were. */
async function firstAnswer<T, U>(from: readonly T[], ask: (one: T) => Promise<U>, signal?: AbortSignal): Promise<U | undefined> {
  for (const one of from) {
    try {
      return await ask(one);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
    }
  }
  return undefined;
}

/** A credential that is refused shows nothing; the others may. */
async function* visibleTo(reader: Reader, signal?: AbortSignal): AsyncGenerator<RemoteProject, void> {
  try {
    yield* listProjects(reader, signal);
  } catch (error) {
    if (!(error instanceof AppError) || !['token-rejected', 'token-expired', 'token-no-read', 'throttled'].includes(error.code))
      throw error;
  }
}
