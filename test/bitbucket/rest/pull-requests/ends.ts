import { invalid, notPermitted } from '../../errors.ts';
import { addComment } from '../../comments.ts';
import { conflicts, merge, strategies } from '../../merging.ts';
import { repoLevel, write } from '../../permissions.ts';
import { close, type Doing, note, refreshPullRequests } from '../../pull-requests.ts';
import { type Call, jsonBody, ok } from '../../router.ts';
import { doingIn, type Found, requirePullRequest, requireText, requireVersion } from './access.ts';
import { requireSay } from './change.ts';
import { conflicted, duplicate, wrongState } from './errors.ts';
import { pullRequestJson } from './json.ts';
import { word } from '../word.ts';

interface Ending extends Found {
  readonly doing: Doing;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What decline, reopen and merge have in common: rights, and the version they are based on. */
async function begin(call: Call): Promise<Ending> {
  const found = requirePullRequest(call);
  const doing = doingIn(call, found.repo);
  requireSay(call, found, doing.user);
  const body = await jsonBody(call);
  requireVersion(call, found, body);
  return { ...found, doing, body };
}

export async function decline(call: Call) {
  const { repo, pull, doing, body } = await begin(call);
  if (pull.state !== 'OPEN') throw wrongState('This pull request is not open and cannot be declined.');
  if (body['comment'] !== undefined) addComment({ repo, pull }, doing, { text: requireText('comment', body['comment']) });
  pull.version += 1;
  close(pull, 'DECLINED', doing.at);
  note(repo, pull, doing, { action: 'DECLINED' });
  return ok(pullRequestJson(call.instance, repo, pull));
}

export async function reopen(call: Call) {
  const { repo, pull, doing } = await begin(call);
  if (pull.state !== 'DECLINED') throw wrongState('This pull request is not declined and cannot be reopened.');
  const twin = repo.pullRequests.find(
    (other) =>
      other.state === 'OPEN' && other.from.repo === pull.from.repo && other.from.ref === pull.from.ref && other.to.ref === pull.to.ref,
  );
  if (twin !== undefined) throw duplicate(pullRequestJson(call.instance, repo, twin));
  Object.assign(pull, { state: 'OPEN', closedDate: undefined, version: pull.version + 1 });
  note(repo, pull, doing, { action: 'REOPENED' });
  await refreshPullRequests([repo], repo, doing);
  return ok(pullRequestJson(call.instance, repo, pull));
}

/** By someone who may write. Tokens of projects and repositories cannot: nobody's e-mail address stands behind them. */
export async function mergePullRequest(call: Call) {
  const { repo, pull, doing, body } = await begin(call);
  const { instance, identity } = call;
  if (repoLevel(instance.state, identity, repo) < write || doing.user.type === 'SERVICE') throw notPermitted();
  if (pull.state !== 'OPEN') throw wrongState('This pull request is not open and cannot be merged.');
  const wanted = body['strategyId'] ?? 'no-ff';
  const strategy = strategies.find((candidate) => candidate === wanted);
  if (strategy === undefined) throw invalid('strategyId', `The merge strategy ${word(wanted)} is not available.`);
  const message = typeof body['message'] === 'string' ? body['message'] : undefined;
  if (!(await merge(repo, pull, doing, { strategy, message }))) throw conflicted();
  await refreshPullRequests(instance.state.repos, repo, doing);
  return ok(pullRequestJson(instance, repo, pull));
}

export async function mergeability(call: Call) {
  const { repo, pull } = requirePullRequest(call);
  if (pull.state !== 'OPEN') throw wrongState('This pull request is not open.');
  const conflicted = await conflicts(repo, pull);
  return ok({ canMerge: !conflicted, conflicted, outcome: conflicted ? 'CONFLICTED' : 'CLEAN', vetoes: [] });
}
