import type { Health } from '@gitprotect/shared/credential';
import { type AppError, asAppError } from '@gitprotect/shared/errors';
import type { Kysely } from 'kysely';
import type { BitbucketClient } from '../bitbucket/client.ts';
import type { Tables } from '../db/schema.ts';
import type { Clock } from '../lib/clock.ts';
import { healthOf } from './credential-row.ts';
import { leasedReader } from './leased-reader.ts';
import type { PoolCredential } from './choose.ts';
import type { Pool } from './pool.ts';
import { type KnownRepo, knownRepos, rememberSighting } from './known-repos.ts';
import { lookAtProject } from './look-at-project.ts';

/** A known repo and the credentials in use that see it. */
export interface CoveredRepo extends KnownRepo {
  readonly credentialIds: readonly string[];
}

/** How well the credentials in use cover a project. A repo that none of them sees is an error, never silence. */
export interface ProjectCoverage {
  readonly covered: readonly CoveredRepo[];
  readonly uncovered: readonly KnownRepo[];
}

/** Which of the `enabled` credentials see which repo. Pure. */
export function coverage(
  known: readonly KnownRepo[],
  sightings: readonly { readonly credentialId: string; readonly repoId: number }[],
  enabled: readonly string[],
): ProjectCoverage {
  const inUse = new Set(enabled);
  const seenBy = new Map<number, string[]>();
  for (const { credentialId, repoId } of sightings) {
    if (inUse.has(credentialId)) seenBy.set(repoId, [...(seenBy.get(repoId) ?? []), credentialId]);
  }
  const all = known.map((repo) => ({ ...repo, credentialIds: seenBy.get(repo.id) ?? [] }));
  return {
    covered: all.filter(({ credentialIds }) => credentialIds.length > 0),
    uncovered: known.filter(({ id }) => !seenBy.has(id)),
  };
}

/** Coverage from the last looks, without asking the server. */
export async function readCoverage(db: Kysely<Tables>, projectId: string, enabled: readonly string[]): Promise<ProjectCoverage> {
  const known = await knownRepos(db, projectId);
  const sightings = await db
    .selectFrom('sightings')
    .innerJoin('repos', (join) =>
      join.onRef('repos.server_id', '=', 'sightings.server_id').onRef('repos.repo_id', '=', 'sightings.repo_id'),
    )
    .select(['credential_id as credentialId', 'sightings.repo_id as repoId'])
    .where('repos.project_id', '=', projectId)
    .execute();
  return coverage(known, sightings, enabled);
}

export interface Look {
  readonly db: Kysely<Tables>;
  readonly client: BitbucketClient;
  readonly clock: Clock;
  readonly project: { readonly id: string; readonly serverId: string; readonly key: string };
  readonly credentials: readonly PoolCredential[];
  /** Each request is drawn from its user's bucket. */
  readonly pool: Pool;
  /** How much of it may be used. */
  readonly share?: number | undefined;
}

/** What a look brought, and the credentials that could not look. */
export interface LookResult extends ProjectCoverage {
  readonly failures: readonly { readonly credentialId: string; readonly error: AppError }[];
}

/**
 * Lets every credential list the project, one after the other, and writes down what each sees, and the project's name and key of today.
 * One that fails keeps its last look, unless it is not shown the project any more; one that is throttled is waited for.
 */
export async function lookAgain(look: Look, signal: AbortSignal): Promise<LookResult> {
  const { db, client, clock, project, credentials, pool, share } = look;
  const failures: { credentialId: string; error: AppError }[] = [];
  const { id: projectId, serverId } = project;
  for (const credential of credentials) {
    const { credentialId } = credential;
    try {
      const reader = leasedReader(client, { serverId, credential, share }, { pool, clock, signal });
      const seen = await lookAtProject(reader, project.key, signal);
      await rememberSighting(db, { serverId, projectId, credentialId, ...seen, now: clock.now() });
      await markAccepted(db, credentialId, clock.now());
    } catch (error) {
      signal.throwIfAborted();
      // Not shown to it any more: then it sees none of its repos, whatever it saw before.
      if (asAppError(error).code === 'project-not-found')
        await rememberSighting(db, { serverId, projectId, credentialId, repos: [], now: clock.now() });
      failures.push({ credentialId, error: asAppError(error) });
    }
  }
  const ids = credentials.map(({ credentialId }) => credentialId);
  return { ...(await readCoverage(db, project.id, ids)), failures };
}

/** A token that lists a project is not refused any more, whatever a server that was starting, or a proxy, said of it before. */
async function markAccepted(db: Kysely<Tables>, credentialId: string, now: number): Promise<void> {
  const row = await db.selectFrom('credentials').selectAll().where('id', '=', credentialId).executeTakeFirst();
  if (row === undefined || !['rejected', 'expired'].includes(healthOf(row).state)) return;
  const health: Health = { state: 'healthy', checkedAt: new Date(now).toISOString(), message: null };
  await db
    .updateTable('credentials')
    .set({ health_json: JSON.stringify(health) })
    .where('id', '=', credentialId)
    .execute();
}
