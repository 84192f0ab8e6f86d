import { join } from 'node:path';
import { metadataKinds } from '@gitprotect/shared/metadata';
import type { RunParts } from './backup/run.ts';
import { repoReaders } from './bitbucket/metadata/all-readers.ts';
import type { StoredPlan } from './plans/plan-store.ts';
import type { RunPartsFrom } from './run-parts.ts';

/** What a run of a plan backs up beside git, from the agent's parts. */
export function besideGit({ config, clock, servers, credentials, place }: RunPartsFrom, plan: StoredPlan): RunParts['besideOf'] {
  if (metadataKinds.every((kind) => plan.leaveOut.includes(kind))) return async () => null;
  return async ({ server }, { dispatcher }, signal) => {
    const client = await servers.clientOf(server.id);
    const known = new Map((await credentials.list({})).map(({ id, permissions }) => [id, permissions] as const));
    const { plain, keys } = await place(signal);
    const scratch = join(config.home, 'scratch');
    return {
      client,
      readers: repoReaders,
      leaveOut: plan.leaveOut,
      administers: (id) => {
        const permissions = known.get(id) ?? null;
        return permissions === null || permissions.some((one) => one === 'REPO_ADMIN' || one === 'PROJECT_ADMIN');
      },
      lfs: plan.leaveOut.includes('lfs')
        ? null
        : {
            line: { baseUrl: client.baseUrl, dispatcher, now: () => clock.now() },
            place: { storage: plain, keys, scratch, host: { machine: config.machine, signal } },
          },
    };
  };
}
