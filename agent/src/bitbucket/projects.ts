import { ProjectKey } from '@gitprotect/shared/repo';
import { Count } from '@gitprotect/shared/text';
import * as v from 'valibot';
import type { Secret } from '../lib/secret.ts';
import type { BitbucketClient } from './client.ts';

/** A project as the server names it. `id` survives a change of the key. */
export const RemoteProject = v.looseObject({ id: Count, key: ProjectKey, name: v.string() });
export type RemoteProject = v.InferOutput<typeof RemoteProject>;

/** Every project the token sees; personal ones may be missing from this list and are reached by key. */
export function listProjects(client: BitbucketClient, token: Secret, signal?: AbortSignal): AsyncGenerator<RemoteProject, void> {
  return client.pages('/rest/api/latest/projects', { token, schema: RemoteProject, signal });
}

/**
 * One project by key; after a rename the server answers with the project under its new key.
 * @throws AppError `project-not-found` when it is absent or the token may not see it
 */
export async function readProject(client: BitbucketClient, key: string, token: Secret, signal?: AbortSignal): Promise<RemoteProject> {
  return client.get(`/rest/api/latest/projects/${encodeURIComponent(key)}`, { token, schema: RemoteProject, signal });
}
