import { ProjectKey } from '@gitprotect/shared/repo';
import { Count } from '@gitprotect/shared/text';
import * as v from 'valibot';
import type { Reader } from './reader.ts';

/** A project as the server names it. `id` survives a change of the key. */
export const RemoteProject = v.looseObject({ id: Count, key: ProjectKey, name: v.string() });
export type RemoteProject = v.InferOutput<typeof RemoteProject>;

/** Every project the token sees; personal ones may be missing from this list and are reached by key. */
export function listProjects(reader: Reader, signal?: AbortSignal): AsyncGenerator<RemoteProject, void> {
  return reader.pages('/rest/api/latest/projects', { schema: RemoteProject, signal });
}

/**
 * One project by key; after a rename the server answers with the project under its new key.
 * @throws AppError `project-not-found` when it is absent or the token may not see it
 */
export async function readProject(reader: Reader, key: string, signal?: AbortSignal): Promise<RemoteProject> {
  return reader.get(`/rest/api/latest/projects/${encodeURIComponent(key)}`, { schema: RemoteProject, signal });
}
