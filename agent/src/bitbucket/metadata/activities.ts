import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { endpoint, type Scope } from '../endpoint.ts';
import type { Reader } from '../reader.ts';
import { isObject } from './json-object.ts';
import { locate } from './places.ts';

export const activitiesAt = {
  repo: endpoint('/api/latest/projects/{projectKey}/repos/{repositorySlug}/pull-requests/{pullRequestId}/activities'),
};

/** All that happened in a pull request, newest first. Whatever happens meanwhile moves the rest down: what comes again is left out. */
export async function readActivities(from: Reader, scope: Scope, pullRequestId: number, signal: AbortSignal): Promise<unknown[]> {
  const all: unknown[] = [];
  const byId = new Map<unknown, unknown>();
  const path = locate(activitiesAt, scope, { pullRequestId });
  for await (const activity of from.pages(path, { schema: v.unknown(), query: { limit: 500 }, signal })) {
    const id = isObject(activity) ? activity['id'] : undefined;
    if (id !== undefined && isDeepStrictEqual(byId.get(id), activity)) continue;
    byId.set(id, activity);
    all.push(activity);
  }
  return all;
}
