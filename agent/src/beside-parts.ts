import { join } from 'node:path';
import { metadataKinds } from '@gitprotect/shared/metadata';
import { StoredFiles } from './backup/lfs/stored-files.ts';
import { saveProject } from './backup/metadata/save-project.ts';
import { usualShare } from './credentials/bucket.ts';
import type { RunParts } from './backup/run.ts';
import { readers } from './bitbucket/metadata/all-readers.ts';
import { knownProject } from './known-projects.ts';
import type { StoredPlan } from './plans/plan-store.ts';
import type { RunPartsFrom } from './run-parts.ts';

/** What a run of a plan backs up beside git, from the agent's parts. */
export function besideGit({ config, clock, servers, credentials, place }: RunPartsFrom, plan: StoredPlan): RunParts['besideOf'] {
  if (gitAlone(plan)) return async () => null;
  return async (serverId, { dispatcher }, signal) => {
    const client = await servers.clientOf(serverId);
    const { plain, keys, ledger } = await place(signal);
    const scratch = join(config.home, 'scratch');
    return {
      client,
      readers,
      leaveOut: plan.leaveOut,
      administers: await mayBe(['REPO_ADMIN', 'PROJECT_ADMIN'], credentials),
      lfs: plan.leaveOut.includes('lfs')
        ? null
        : {
            line: { baseUrl: client.baseUrl, dispatcher, now: () => clock.now() },
            place: { storage: plain, keys, scratch, host: { machine: config.machine, signal } },
            stored: new StoredFiles({ storage: plain, keys }, ledger),
          },
    };
  };
}

/** How a run of a plan reads what projects themselves hold. */
export function projectsOf({ db, clock, pool, servers, credentials, place }: RunPartsFrom, plan: StoredPlan): RunParts['saveProject'] {
  if (gitAlone(plan)) return null;
  return async (wanted, run, signal) => {
    const { plain, sealed, keys } = await place(signal);
    return saveProject(wanted, {
      plan: {
        client: await servers.clientOf(wanted.server.id),
        readers,
        leaveOut: plan.leaveOut,
        administers: await mayBe(['PROJECT_ADMIN'], credentials),
      },
      place: { storage: plain, keys },
      storage: sealed,
      run,
      before: await knownProject(db, wanted.server.id, wanted.project.id),
      pool,
      share: usualShare,
      clock,
      signal,
    });
  };
}

const gitAlone = ({ leaveOut }: StoredPlan): boolean => metadataKinds.every((kind) => leaveOut.includes(kind));

/** Whether a credential may have one of these rights, as far as is known. */
async function mayBe(rights: readonly string[], credentials: RunPartsFrom['credentials']): Promise<(credentialId: string) => boolean> {
  const known = new Map((await credentials.list({})).map(({ id, permissions }) => [id, permissions] as const));
  return (id) => known.get(id)?.some((one) => rights.includes(one)) ?? true;
}
