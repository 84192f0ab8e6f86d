import type { Group, Repo, User } from '../../model.ts';
import type { State } from '../../state.ts';
import { branchesOf } from './branch-model.ts';
import { all } from './list-kind.ts';
import { type Fields, isFields } from './place.ts';
import { restrictions } from './restrictions.ts';

const blocking = ['read-only', 'pull-request-only'];

function isExempt(restriction: Fields, user: User, groups: readonly Group[]): boolean {
  const users = Array.isArray(restriction['users']) ? (restriction['users'] as Fields[]) : [];
  const names = Array.isArray(restriction['groups']) ? (restriction['groups'] as unknown[]) : [];
  return users.some(({ id }) => id === user.id) || groups.some((group) => group.members.has(user) && names.includes(group.name));
}

/** Shell patterns of the refs a matcher means; a git pattern without a path means a branch of that name anywhere. */
function patternsOf(repo: Repo, matcher: unknown): string[] {
  const { id, type } = isFields(matcher) ? matcher : {};
  const kind = isFields(type) ? type['id'] : undefined;
  if (kind === 'ANY_REF') return ['refs/heads/*'];
  if (typeof id !== 'string') return [];
  if (kind === 'MODEL_BRANCH' || kind === 'MODEL_CATEGORY') return branchesOf(repo, kind, id);
  if (kind === 'BRANCH' || id.startsWith('refs/')) return [id];
  return [`refs/heads/${id}`, `refs/heads/*/${id}`];
}

/** What the restrictions of a repository and its project keep `user` from pushing to. */
export function blockedRefs({ groups }: State, repo: Repo, user: User): string[] {
  return all(restrictions, repo)
    .filter(({ type }) => blocking.includes(String(type)))
    .filter((restriction) => !isExempt(restriction, user, groups))
    .flatMap(({ matcher }) => patternsOf(repo, matcher));
}
