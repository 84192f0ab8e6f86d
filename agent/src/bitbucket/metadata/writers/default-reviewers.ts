import { AppError } from '@gitprotect/shared/errors';
import { scoped } from '../../endpoint.ts';
import { at, listAt, numberAt, textAt } from '../fields.ts';
import { incomplete, itemsOfList } from '../item.ts';
import type { PlannedChange, WriteContext } from '../kind-writer.ts';
import { knownUsers, numberedUsers, userNamesAt } from '../known-users.ts';
import { keyOfMatcher, matcherOf, wordsOfMatcher, type Matcher } from '../matcher.ts';
import { userOperations } from '../principals.ts';
import { everyEntry, objectAt, operationsOf, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';
import { reviewerGroupsAt } from './reviewer-groups.ts';

const conditionsAt = scoped('/default-reviewers/latest', '/conditions');
const conditionAt = scoped('/default-reviewers/latest', '/condition');
const oneAt = scoped('/default-reviewers/latest', '/condition/{id}');

interface Condition {
  readonly sourceMatcher: Matcher;
  readonly targetMatcher: Matcher;
  readonly requiredApprovals: number;
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** The target's reviewer groups with its own numbers, by name; `null` where there can be none (yet). */
async function groupsOfTarget(context: WriteContext): Promise<Map<string, number> | null> {
  try {
    const entries = await everyEntry(context, reviewerGroupsAt.at(context.scope));
    return new Map(entries.flatMap((entry) => [[textAt(entry, 'name') ?? '', numberAt(entry, 'id') ?? 0] as const]));
  } catch (error) {
    if (error instanceof AppError && ['repo-not-found', 'project-not-found', 'not-found'].includes(error.code)) return null;
    throw error;
  }
}

async function knownReviewerGroups(names: readonly string[], what: string, context: WriteContext) {
  const present = names.length === 0 ? null : await groupsOfTarget(context);
  if (present === null) return { names, notes: [] };
  const notes = names
    .filter((name) => !present.has(name))
    .map((name): PlannedChange => ({
      state: 'cannot',
      what: `reviewer group “${name}” in ${what}`,
      why: 'the server does not have that group',
    }));
  return { names: names.filter((name) => present.has(name)), notes };
}

async function body({ users, groups, ...condition }: Condition, context: WriteContext) {
  const numbers = groups.length === 0 ? null : await groupsOfTarget(context);
  const reviewerGroups = groups.flatMap((name) => {
    const id = numbers?.get(name);
    return id === undefined ? [] : [{ id, name }];
  });
  return { ...condition, reviewers: await numberedUsers(users, context), ...(groups.length === 0 ? {} : { reviewerGroups }) };
}

export const defaultReviewers = listWriter<Condition>({
  kind: 'default-reviewers',
  operations: operationsOf(['GET', conditionsAt], ['POST', conditionAt], ['PUT', oneAt], ['GET', reviewerGroupsAt], ...userOperations),
  items: (value, level) =>
    itemsOfList<Condition>(value, level, 'default reviewers', (entry) => {
      const sourceMatcher = matcherOf(at(entry, 'sourceRefMatcher'));
      const targetMatcher = matcherOf(at(entry, 'targetRefMatcher'));
      if (sourceMatcher === null || targetMatcher === null) return incomplete('default reviewers', entry);
      const groups = listAt(entry, 'reviewerGroups')
        .flatMap((group) => textAt(group, 'name') ?? [])
        .toSorted();
      const requiredApprovals = numberAt(entry, 'requiredApprovals') ?? 0;
      return {
        key: `${keyOfMatcher(sourceMatcher)} ${keyOfMatcher(targetMatcher)}`,
        what: `default reviewers from ${wordsOfMatcher(sourceMatcher)} to ${wordsOfMatcher(targetMatcher)}`,
        content: { sourceMatcher, targetMatcher, requiredApprovals, users: userNamesAt(entry, 'reviewers'), groups },
        id: numberAt(entry, 'id'),
      };
    }),
  read: (context) => objectAt(context, conditionsAt.at(context.scope)),
  fit: async ({ what }, content, context) => {
    const users = await knownUsers(content.users, what, context);
    const groups = await knownReviewerGroups(content.groups, what, context);
    const notes = [...users.notes, ...groups.notes];
    const left = users.names.length;
    if (left === 0 && groups.names.length === 0) return { content: null, why: 'none of its reviewers can be found on the server', notes };
    // More approvals than there are reviewers would block every pull request.
    const fewer = groups.names.length === 0 && content.requiredApprovals > left;
    if (fewer)
      notes.push({ state: 'cannot', what: `${content.requiredApprovals} approvals in ${what}`, why: `${left} of its reviewers are left` });
    const requiredApprovals = fewer ? left : content.requiredApprovals;
    return { content: { ...content, requiredApprovals, users: users.names, groups: groups.names }, notes };
  },
  create: async (content, context) => submit(context, 'POST', conditionAt.at(context.scope), { json: await body(content, context) }),
  change: async (content, id, context) => submit(context, 'PUT', oneAt.at(context.scope, { id }), { json: await body(content, context) }),
});
