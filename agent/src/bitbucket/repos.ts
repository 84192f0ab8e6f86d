import { AppError } from '@gitprotect/shared/errors';
import { ProjectKey, RepoSlug, type Repo } from '@gitprotect/shared/repo';
import { Count } from '@gitprotect/shared/text';
import * as v from 'valibot';
import type { Reader } from './reader.ts';

const RemoteRepo = v.looseObject({
  id: Count,
  slug: RepoSlug,
  name: v.string(),
  archived: v.optional(v.boolean(), false),
  project: v.looseObject({ key: ProjectKey }),
  origin: v.nullish(v.looseObject({ id: Count })),
});

const toRepo = ({ id, slug, name, archived, project, origin }: v.InferOutput<typeof RemoteRepo>): Repo => ({
  id,
  slug,
  name,
  archived,
  projectKey: project.key,
  forkOf: origin?.id ?? null,
});

/**
 * Every repo of a project that the token sees, archived ones included, by id.
 * @throws AppError `project-not-found`, and all of the client's
 */
export async function listRepos(reader: Reader, projectKey: string, signal?: AbortSignal): Promise<Repo[]> {
  const found = new Map<number, Repo>();
  const path = `/rest/api/latest/projects/${encodeURIComponent(projectKey)}/repos`;
  for await (const repo of reader.pages(path, { schema: RemoteRepo, signal })) found.set(repo.id, toRepo(repo));
  // Whether that list holds archived repos is not documented, and a backup must not miss them.
  for await (const repo of archivedRepos(reader, projectKey, signal)) found.set(repo.id, repo);
  return [...found.values()].toSorted((a, b) => a.id - b.id);
}

async function* archivedRepos(reader: Reader, projectKey: string, signal?: AbortSignal): AsyncGenerator<Repo, void> {
  const query = { archived: 'ARCHIVED', projectkey: projectKey };
  try {
    for await (const repo of reader.pages('/rest/api/latest/repos', { query, schema: RemoteRepo, signal })) {
      // Older servers ignore parameters they do not know.
      if (repo.archived && repo.project.key.toLowerCase() === projectKey.toLowerCase()) yield toRepo(repo);
    }
  } catch (error) {
    if (error instanceof AppError && (error.code === 'not-found' || error.code === 'server-bad-answer')) return;
    throw error;
  }
}
