import { BitbucketError, noSuchPullRequest, notPermitted } from '../../errors.ts';
import type { PullRequest, Repo, User } from '../../model.ts';
import { admin, mayChange, read, repoLevel } from '../../permissions.ts';
import { type Doing, findPullRequest } from '../../pull-requests.ts';
import type { Call } from '../../router.ts';
import { requireRepo, requireUser } from '../access.ts';
import type { Viewer } from './comment-json.ts';
import { archived, outOfDate } from './errors.ts';
import { pullRequestJson } from './json.ts';

export interface Found {
  readonly repo: Repo;
  readonly pull: PullRequest;
}

/** The pull request the path names. @throws BitbucketError 404. */
export function requirePullRequest(call: Call): Found {
  const repo = requireRepo(call, read);
  const id = call.params['pullRequestId'] ?? '';
  const pull = /^\d+$/.test(id) ? findPullRequest(repo, Number(id)) : undefined;
  if (pull === undefined) throw noSuchPullRequest(id, repo);
  return { repo, pull };
}

/** Who changes something in `repo`, and when. @throws BitbucketError 401 for a token that may only read, 409 where all is archived. */
export function doingIn(call: Call, repo: Repo): Doing {
  const user = requireUser(call);
  if (!mayChange(call.identity)) throw notPermitted();
  if (repo.archived) throw archived();
  return { user, at: call.instance.clock.now() };
}

/** Whether whoever asks administers the repository. */
export const administers = ({ instance, identity }: Call, repo: Repo): boolean => repoLevel(instance.state, identity, repo) === admin;

export function viewerOf(call: Call, repo: Repo): Viewer {
  const user: User | undefined = call.identity.kind === 'anonymous' ? undefined : call.identity.user;
  return { instance: call.instance, repo, user, admin: administers(call, repo) };
}

/** The version a change is based on, from body or query. @throws BitbucketError 409 unless it is the current one. */
export function requireVersion(call: Call, { repo, pull }: Found, body: Readonly<Record<string, unknown>>): void {
  const version = Number(body['version'] ?? call.query.get('version') ?? -1);
  if (version !== pull.version) throw outOfDate(version, pullRequestJson(call.instance, repo, pull));
}

const longest = 32_768;

/** A text as people write it. @throws BitbucketError 400 when it is no text, empty or too long. */
export function requireText(context: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= longest) return value;
  throw new BitbucketError(400, [
    { context, message: `Please enter a non-empty value less than ${longest} characters`, exceptionName: null },
  ]);
}
