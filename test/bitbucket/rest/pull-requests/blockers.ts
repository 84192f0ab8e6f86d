import { allComments } from '../../comments.ts';
import { pageOf } from '../../paging.ts';
import { type Call, ok } from '../../router.ts';
import { requirePullRequest, viewerOf } from './access.ts';
import { commentJson } from './comment-json.ts';

/** Tasks of a pull request; `count=true` answers only how many there are of each state. */
export function listBlockers(call: Call) {
  const { repo, pull } = requirePullRequest(call);
  const { query } = call;
  const wanted = [...query.getAll('state'), ...query.getAll('states')].flatMap((text) => text.split(','));
  const tasks = allComments(pull.comments).filter(({ severity }) => severity === 'BLOCKER');
  if (query.get('count') === 'true') {
    const count = (state: string) => tasks.filter((task) => task.state === state).length;
    return ok({ OPEN: count('OPEN'), RESOLVED: count('RESOLVED') });
  }
  const found = tasks.filter(({ state }) => wanted.length === 0 || wanted.includes(state));
  const viewer = viewerOf(call, repo);
  const values = found.map((comment) => commentJson(viewer, comment));
  return ok(pageOf(values, query, call.instance.pageLimit));
}
