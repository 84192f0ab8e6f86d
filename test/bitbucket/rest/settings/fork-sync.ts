import { invalid } from '../../errors.ts';
import type { Repo } from '../../model.ts';
import { admin, read } from '../../permissions.ts';
import { type Answer, type Call, jsonBody, noContent, ok, type Routes } from '../../router.ts';
import { requireRepo, requireUser } from '../access.ts';
import { at, flagOf, kept } from './place.ts';

const name = 'fork-sync';

/** Only a fork whose origin is still there has something to follow. */
const isAvailable = ({ instance }: Call, { origin }: Repo): boolean => origin !== undefined && instance.state.repos.includes(origin);

function show(call: Call, repo: Repo): object {
  const [value] = kept(repo, name);
  const refs = { aheadRefs: [], divergedRefs: [], orphanedRefs: [] };
  return { available: isAvailable(call, repo), enabled: value !== undefined, ...value, ...refs };
}

async function set(call: Call): Promise<Answer> {
  requireUser(call);
  const repo = requireRepo(call, admin);
  if (!flagOf(await jsonBody(call), 'enabled')) {
    repo.settings.delete(name);
    return noContent();
  }
  if (!isAvailable(call, repo)) throw invalid(null, `Synchronization is not available for ${repo.project.key}/${repo.slug}.`);
  repo.settings.set(name, [{ lastSync: call.instance.clock.now() }]);
  return ok(show(call, repo));
}

const path = at('/sync/latest', 'repo', '');

export const forkSyncRoutes: Routes = {
  [`GET ${path}`]: (call) => {
    requireUser(call);
    return ok(show(call, requireRepo(call, read)));
  },
  [`POST ${path}`]: set,
};
