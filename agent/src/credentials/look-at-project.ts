import { readProject, type RemoteProject } from '../bitbucket/projects.ts';
import type { Reader } from '../bitbucket/reader.ts';
import { listRepos } from '../bitbucket/repos.ts';
import type { Repo } from '@gitprotect/shared/repo';

/** A project as one credential is shown it now. */
export interface ProjectLook {
  readonly remote: RemoteProject;
  readonly repos: readonly Repo[];
}

/**
 * Looks at one project with one credential: never with several, whose lists would differ from page to page.
 * @throws AppError `project-not-found` when it is not shown to it, and all of the reader's
 */
export async function lookAtProject(reader: Reader, key: string, signal?: AbortSignal): Promise<ProjectLook> {
  const remote = await readProject(reader, key, signal);
  // A renamed project answers under its new key.
  return { remote, repos: await listRepos(reader, remote.key, signal) };
}
