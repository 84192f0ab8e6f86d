import { AppError } from '@gitprotect/shared/errors';
import type { Repo } from '@gitprotect/shared/repo';
import type { Reader } from './reader.ts';

/** Below a server's base URL: where git finds a repo. */
export function clonePath({ projectKey, slug }: Pick<Repo, 'projectKey' | 'slug'>): string {
  return `/scm/${encodeURIComponent(projectKey.toLowerCase())}/${encodeURIComponent(slug)}.git`;
}

/**
 * Whether git with this token can read `repo`: seeing it through REST is not yet that. One request.
 * Answers `false` when the server refuses; rejects with the client's errors for everything else.
 */
export async function canReadGit(reader: Reader, repo: Repo, signal?: AbortSignal): Promise<boolean> {
  try {
    const advertisement = await reader.text(`${clonePath(repo)}/info/refs`, {
      query: { service: 'git-upload-pack' },
      // Version 2 answers with a few lines; version 0 with every ref there is.
      headers: { 'git-protocol': 'version=2' },
      signal,
    });
    // git's own http-backend leaves the service line out for version 2; others do not.
    return /^(?:001e# service=git-upload-pack|000eversion 2)/.test(advertisement);
  } catch (error) {
    if (error instanceof AppError && ['token-no-read', 'token-rejected', 'not-found', 'repo-not-found'].includes(error.code)) return false;
    throw error;
  }
}
