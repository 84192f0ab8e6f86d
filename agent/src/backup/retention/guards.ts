import { AppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import type { Guard } from '@gitprotect/shared/retention-view';
import type { MassChange } from '@gitprotect/shared/snapshot';
import { entryOf } from '../../catalogue/snapshot-row.ts';
import type { Database } from '../../db/database.ts';
import type { RepoPlace } from '../../storage/layout.ts';

/** A guard, and what its acknowledgement is written down as. */
export interface StandingGuard extends Guard {
  /** The repo; for a guard of a project, every repo that is gone from it. */
  readonly repos: readonly RepoPlace[];
  /** See `AcknowledgedRow`. */
  readonly what: string;
}

/** Fewer repos than this come and go in daily work. */
const fewRepos = 4;

/** Whether so many repos of a project are gone that somebody must look: all of them, or half of at least 4. Pure. */
export function massLoss(known: number, gone: number): boolean {
  return gone > 0 && (gone === known || (known >= fewRepos && gone * 2 >= known));
}

/**
 * What retention waits for. It is told from the catalogue, which storage remembers, and from the last looks at the server; only what somebody has
 * acknowledged is the database's alone. So a database that was lost means more guards, never fewer.
 */
export async function standingGuards(db: Database): Promise<StandingGuard[]> {
  return [...(await rewrittenRepos(db)), ...(await shrunkenProjects(db))];
}

/** Writes down that somebody has seen a guard: what comes later raises it again. */
export async function acknowledge(db: Database, { repos, what }: StandingGuard, at: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const { serverId, repoId } of repos)
      await transaction.replaceInto('acknowledged').values({ server_id: serverId, repo_id: repoId, what, at }).execute();
  });
}

/** A guard as a run tells of it. */
export function guardError({ projectKey, slug, message }: Guard): AppError {
  const repo = slug === null ? projectKey : `${projectKey}/${slug}`;
  return new AppError('mass-change', `${repo}: ${message}; nothing of it is pruned until somebody has looked`, {
    remedy: `if it was meant: gitprotect-agent guard acknowledge ${repo}; if not, earlier snapshots still restore`,
  });
}

/** The last mass change of each repo, where nobody has acknowledged it. */
async function rewrittenRepos(db: Database): Promise<StandingGuard[]> {
  const rows = await db.selectFrom('snapshots').selectAll().where('mass_change', '=', 1).orderBy('id', 'desc').execute();
  const guards = new Map<string, StandingGuard>();
  for (const row of rows) {
    const repo: RepoPlace = { serverId: row.server_id, repoId: row.repo_id };
    const key = `${repo.serverId}/${repo.repoId}`;
    const { snapshot } = entryOf(row);
    if (guards.has(key) || snapshot.massChange == null) continue;
    const { serverId, projectKey, slug, id } = snapshot;
    const message = `${massChangeWords(snapshot.massChange)} in the snapshot ${id}`;
    guards.set(key, { serverId, projectKey, slug, message, repos: [repo], what: id });
  }
  const seen = await db.selectFrom('acknowledged').selectAll().where('what', '!=', 'gone').execute();
  const accepted = ({ repos, what }: StandingGuard): boolean =>
    repos.every(({ serverId, repoId }) => seen.some((one) => one.server_id === serverId && one.repo_id === repoId && one.what >= what));
  return [...guards.values()].filter((guard) => !accepted(guard));
}

function massChangeWords({ refs, deleted, rewritten }: MassChange): string {
  const of = `of ${formatCount(refs, 'ref')} were`;
  if (rewritten === 0) return `${deleted} ${of} deleted`;
  return deleted === 0 ? `${rewritten} ${of} rewritten` : `${deleted} ${of} deleted and ${rewritten} rewritten`;
}

/** Projects of which most repos are gone, not counting those somebody has acknowledged. */
async function shrunkenProjects(db: Database): Promise<StandingGuard[]> {
  const projects = await db.selectFrom('projects').selectAll().execute();
  const repos = await db.selectFrom('repos').select(['server_id', 'repo_id', 'project_id', 'slug']).execute();
  const seen = new Set((await db.selectFrom('sightings').select(['server_id', 'repo_id']).distinct().execute()).map(keyOf));
  const looked = new Set(
    (await db.selectFrom('attachments').select('project_id').where('sees', 'is not', null).execute()).map((one) => one.project_id),
  );
  const accepted = new Set(
    (await db.selectFrom('acknowledged').select(['server_id', 'repo_id']).where('what', '=', 'gone').execute()).map(keyOf),
  );
  const inUse = new Set(repos.map(keyOf));
  const saved = (await db.selectFrom('snapshots').select(['server_id', 'repo_id', 'project_key']).distinct().execute()).filter(
    (one) => !inUse.has(keyOf(one)),
  );
  return projects.flatMap(({ id, server_id, key }) => {
    if (!looked.has(id)) return [];
    // What was saved once and is not known any more is gone as well: the database may be a new one.
    const known = [
      ...repos.filter((one) => one.project_id === id),
      ...saved.filter((one) => one.server_id === server_id && one.project_key === key),
    ];
    const gone = known.filter((one) => !seen.has(keyOf(one)) && !accepted.has(keyOf(one)));
    const there = known.filter((one) => seen.has(keyOf(one)));
    if (!massLoss(gone.length + there.length, gone.length)) return [];
    const message = `${gone.length} of ${formatCount(gone.length + there.length, 'repository', 'repositories')} are gone`;
    const places = gone.map((one) => ({ serverId: one.server_id, repoId: one.repo_id }));
    return [{ serverId: server_id, projectKey: key, slug: null, message, repos: places, what: 'gone' }];
  });
}

function keyOf({ server_id, repo_id }: { readonly server_id: string; readonly repo_id: number }): string {
  return `${server_id}/${repo_id}`;
}
