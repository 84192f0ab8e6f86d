import { createHash } from 'node:crypto';
import { isObject } from './json-object.ts';

const dayMs = 86_400_000;

/** What people are called and where things are linked: it changes, or depends on who asks, without the pull request having changed. */
const passing = new Set(['links', 'avatar', 'avatarUrl', 'emailAddress', 'displayName', 'active']);

/**
 * A hash of what a list shows of a pull request, without what changes by itself: the tip of its target branch, the state of a merge. An edit
 * of a comment shows nowhere in the list, so an open one also gets a new stamp each week, on a day that depends on its id: a seventh a day.
 * @param now milliseconds since 1970
 */
export function pullRequestStamp(listed: Readonly<Record<string, unknown>> & { readonly id: number }, now: number): string {
  const closed = listed['state'] === 'MERGED' || listed['state'] === 'DECLINED';
  const seen = lasting({
    ...listed,
    fromRef: without(listed['fromRef'], 'repository'),
    toRef: without(listed['toRef'], 'repository', 'latestCommit'),
    properties: without(listed['properties'], 'mergeResult'),
    week: closed ? null : Math.floor((Math.floor(now / dayMs) + listed.id) / 7),
  });
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url').slice(0, 22);
}

function without(value: unknown, ...names: readonly string[]): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name))) : value;
}

/** In one order: neither that of fields nor that of reviewers says anything. */
function lasting(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => JSON.stringify(lasting(item))).toSorted();
  }
  if (!isObject(value)) return value;
  return Object.entries(value)
    .filter(([name]) => !passing.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, lasting(inner)]);
}
