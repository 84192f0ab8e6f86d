import { formatCount } from '@gitprotect/shared/format';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/schema.ts';

/** What a look found to be otherwise than at the look before. */
export interface AccessChange {
  /** `repo-new`: nobody had seen it before. The others are of one credential: what it sees since, and what it no longer sees. */
  readonly kind: 'repo-new' | 'repo-gained' | 'repo-lost' | 'project-lost';
  /** Empty for a whole project. */
  readonly slug: string;
}

/** Two looks of one credential at one project, by repo numbers. */
export interface TwoLooks {
  /** What it saw at its last look; `null` when this is its first, which is no change. */
  readonly before: ReadonlyMap<number, string> | null;
  /** Every repo known in the project, whoever saw it. */
  readonly known: ReadonlySet<number>;
  readonly now: ReadonlyMap<number, string>;
  /** Repos that were new within a day: that the next one sees them too is no news. */
  readonly fresh: ReadonlySet<string>;
  /** Whether anybody has looked at the project before. */
  readonly looked: boolean;
}

/** The changes between two looks. Pure. A project of which nothing is left is one change, however many repos it had. */
export function changesBetween({ before, known, now, fresh, looked }: TwoLooks): AccessChange[] {
  const changes: AccessChange[] = [];
  for (const [id, slug] of now) {
    if (looked && !known.has(id)) changes.push({ kind: 'repo-new', slug });
    else if (before !== null && !before.has(id) && !fresh.has(slug)) changes.push({ kind: 'repo-gained', slug });
  }
  if (before === null) return changes;
  if (now.size === 0 && before.size > 0) return [{ kind: 'project-lost', slug: '' }];
  for (const [id, slug] of before) if (!now.has(id)) changes.push({ kind: 'repo-lost', slug });
  return changes;
}

const keptDays = 30;

interface Seen {
  readonly projectId: string;
  readonly credentialId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Writes changes down, and lets go of old ones. */
export async function rememberChanges(
  db: Kysely<Tables>,
  { projectId, credentialId, now }: Seen,
  changes: readonly AccessChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const at = new Date(now).toISOString();
  const rows = changes.map(({ kind, slug }) => ({ at, project_id: projectId, credential_id: credentialId, kind, slug }));
  await db.insertInto('access_changes').values(rows).execute();
  const old = new Date(now - keptDays * 86_400_000).toISOString();
  await db.deleteFrom('access_changes').where('at', '<', old).execute();
}

/** Names of the repos of a project that were new within the last day. */
export async function freshRepos(db: Kysely<Tables>, projectId: string, now: number): Promise<Set<string>> {
  const rows = await db
    .selectFrom('access_changes')
    .select('slug')
    .where('project_id', '=', projectId)
    .where('kind', '=', 'repo-new')
    .where('at', '>=', new Date(now - 86_400_000).toISOString())
    .execute();
  return new Set(rows.map(({ slug }) => slug));
}

/** Which changes to tell of. */
export interface Wanted {
  readonly projectIds: readonly string[];
  /** Only those after this one, by number. */
  readonly after?: number;
  /** Only those since then, ISO 8601. */
  readonly since?: string;
}

/** Changes of one kind, at one time, in words. */
export interface News {
  readonly at: string;
  readonly projectId: string;
  readonly credentialId: string;
  readonly message: string;
}

/** The number of the last change there is. */
export async function lastChange(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom('access_changes')
    .select((select) => select.fn.max('id').as('last'))
    .executeTakeFirst();
  return row?.last ?? 0;
}

/** Changes in words, newest first: what one look of one credential found of one kind is one sentence. */
export async function readNews(db: Kysely<Tables>, { projectIds, after = 0, since = '' }: Wanted): Promise<News[]> {
  if (projectIds.length === 0) return [];
  const rows = await db
    .selectFrom('access_changes')
    .innerJoin('projects', 'projects.id', 'access_changes.project_id')
    .innerJoin('credentials', 'credentials.id', 'access_changes.credential_id')
    .select(['access_changes.at', 'project_id', 'credential_id', 'access_changes.kind', 'slug', 'projects.key', 'credentials.name'])
    .where('project_id', 'in', projectIds)
    .where('access_changes.id', '>', after)
    .where('access_changes.at', '>=', since)
    .orderBy('access_changes.id', 'desc')
    .execute();
  const groups = Map.groupBy(rows, (row) => [row.at, row.project_id, row.credential_id, row.kind].join(' '));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const message = newsText(first, group.map(({ slug }) => slug).toSorted());
    return [{ at: first.at, projectId: first.project_id, credentialId: first.credential_id, message }];
  });
}

/** One sentence, which names up to three repos. */
function newsText({ kind, key, name }: { kind: AccessChange['kind']; key: string; name: string }, slugs: readonly string[]): string {
  const named = slugs
    .slice(0, 3)
    .map((slug) => `${key}/${slug}`)
    .join(', ');
  const repos = slugs.length > 3 ? `${named} and ${formatCount(slugs.length - 3, 'other')}` : named;
  switch (kind) {
    case 'repo-new':
      return `${repos} ${slugs.length === 1 ? 'is' : 'are'} new`;
    case 'repo-gained':
      return `“${name}” now sees ${repos}`;
    case 'repo-lost':
      return `“${name}” no longer sees ${repos}`;
    case 'project-lost':
      return `“${name}” no longer sees the project ${key}`;
  }
}
