import { AppError } from '@gitprotect/shared/errors';
import type { Repo } from '@gitprotect/shared/repo';
import type { Secret } from '../lib/secret.ts';
import type { BitbucketClient } from './client.ts';

/** Below a server's base URL: where git finds a repo. */
export function clonePath({ projectKey, slug }: Pick<Repo, 'projectKey' | 'slug'>): string {
  return `/scm/${encodeURIComponent(projectKey.toLowerCase())}/${encodeURIComponent(slug)}.git`;
}

/**
 * Whether git with this token can read `repo`: seeing it through REST is not yet that. One request.
 * Answers `false` when the server refuses; rejects with the client's errors for everything else.
 */
export async function canReadGit(client: BitbucketClient, repo: Repo, token: Secret, signal?: AbortSignal): Promise<boolean> {
  try {
    const advertisement = await client.text(`${clonePath(repo)}/info/refs`, {
      token,
      query: { service: 'git-upload-pack' },
      // Version 2 answers with a few lines; version 0 with every ref there is.
      headers: { 'git-protocol': 'version=2' },
      signal,
    });
    return advertisement.startsWith('001e# service=git-upload-pack');
  } catch (error) {
    if (error instanceof AppError && ['token-no-read', 'token-rejected', 'not-found', 'repo-not-found'].includes(error.code)) return false;
    throw error;
  }
}
