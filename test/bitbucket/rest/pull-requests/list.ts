import { invalid } from '../../errors.ts';
import type { PullRequest, Repo } from '../../model.ts';
import { pageOf } from '../../paging.ts';
import { read } from '../../permissions.ts';
import { type Call, ok } from '../../router.ts';
import { requireRepo } from '../access.ts';
import { activityJson } from './activity-json.ts';
import { requirePullRequest, viewerOf } from './access.ts';
import { pullRequestJson } from './json.ts';

const states = ['OPEN', 'MERGED', 'DECLINED', 'ALL'];

/** Pull requests into the repository (or with `direction=OUTGOING` out of it), open ones unless `state` says otherwise. */
export function listPullRequests(call: Call) {
  const repo = requireRepo(call, read);
  const { instance, query } = call;
  const state = (query.get('state') ?? 'OPEN').toUpperCase();
  if (!states.includes(state)) throw invalid('state', `'${state}' is not a valid pull request state.`);
  const at = query.get('at');
  const outgoing = query.get('direction')?.toUpperCase() === 'OUTGOING';
  const found = candidates(call, repo, outgoing)
    .filter(([, pull]) => state === 'ALL' || pull.state === state)
    .filter(([, pull]) => at === null || (outgoing ? pull.from.ref : pull.to.ref) === at);
  if (query.get('order')?.toUpperCase() !== 'OLDEST') found.reverse();
  const page = pageOf(found, query, Math.min(instance.pageLimit, instance.pageLimits.pullRequests));
  const withProperties = query.get('withProperties') !== 'false';
  return ok({ ...page, values: page.values.map(([target, pull]) => pullRequestJson(instance, target, pull, withProperties)) });
}

/** The oldest first, each with the repository it goes into. */
function candidates({ instance: { state } }: Call, repo: Repo, outgoing: boolean): [Repo, PullRequest][] {
  const targets = outgoing ? state.repos : [repo];
  return targets
    .flatMap((target) => target.pullRequests.map((pull): [Repo, PullRequest] => [target, pull]))
    .filter(([, pull]) => !outgoing || pull.from.repo === repo);
}

export function getPullRequest(call: Call) {
  const { repo, pull } = requirePullRequest(call);
  return ok(pullRequestJson(call.instance, repo, pull, call.query.get('withProperties') !== 'false'));
}

/** Comments that hang on no file are found here and nowhere else. */
export function listActivities(call: Call) {
  const { repo, pull } = requirePullRequest(call);
  const { instance, query } = call;
  const all = [...pull.activities, ...(pull.generated?.activities() ?? [])];
  const page = pageOf(all, query, Math.min(instance.pageLimit, instance.pageLimits.activities));
  const viewer = viewerOf(call, repo);
  return ok({ ...page, values: page.values.map((activity) => activityJson(viewer, activity)) });
}
