import { AppError } from '@gitprotect/shared/errors';
import { scoped } from '../../endpoint.ts';
import { at, listAt, numberAt, textAt, textsAt } from '../fields.ts';
import { incomplete, itemsOfList } from '../item.ts';
import type { PlannedChange, WriteContext } from '../kind-writer.ts';
import { knownGroups, knownUsers, userNamesAt } from '../known-users.ts';
import { keyOfMatcher, matcherOf, wordsOfMatcher, type Matcher } from '../matcher.ts';
import { groupOperations, userOperations } from '../principals.ts';
import { everyEntry, operationsOf, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';
import { keyLabel, keyMaterial, keyNumber } from './access-keys.ts';

const restrictionsAt = scoped('/branch-permissions/latest', '/restrictions');
const keysAt = scoped('/keys/latest', '/ssh');

interface Restriction {
  readonly type: string;
  readonly matcher: Matcher;
  /** Whom it does not hold for. */
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly keys: readonly { readonly text: string; readonly label: string }[];
}

const keysIn = (entry: unknown): Restriction['keys'] =>
  listAt(entry, 'accessKeys')
    .flatMap((key) => ({ text: keyMaterial(key) ?? '', label: keyLabel(key) }))
    .toSorted((a, b) => (a.text < b.text ? -1 : 1));

/** The access keys of the target with its own numbers, by key; `null` while the place is not there. */
async function keysOfTarget(context: WriteContext): Promise<Map<string, number> | null> {
  try {
    const entries = await everyEntry(context, keysAt.at(context.scope), { effective: true });
    return new Map(entries.flatMap((entry) => [[keyMaterial(entry) ?? '', keyNumber(entry) ?? 0] as const]));
  } catch (error) {
    if (error instanceof AppError && (error.code === 'repo-not-found' || error.code === 'project-not-found')) return null;
    throw error;
  }
}

async function knownKeys(keys: Restriction['keys'], what: string, context: WriteContext) {
  const present = keys.length === 0 ? null : await keysOfTarget(context);
  if (present === null) return { keys, notes: [] };
  const notes = keys
    .filter(({ text }) => !present.has(text))
    .map(({ label }): PlannedChange => ({
      state: 'cannot',
      what: `access key “${label}” in ${what}`,
      why: 'the server does not have that key',
    }));
  return { keys: keys.filter(({ text }) => present.has(text)), notes };
}

/** Whoever is exempt and unknown on the target is left out: a restriction may come back stricter, never looser. */
export const branchRestrictions = listWriter<Restriction>({
  kind: 'branch-restrictions',
  operations: operationsOf(['GET', restrictionsAt], ['POST', restrictionsAt], ['GET', keysAt], ...userOperations, ...groupOperations),
  items: (value, level) =>
    itemsOfList<Restriction>(value, level, 'branch restrictions', (entry) => {
      const type = textAt(entry, 'type');
      const matcher = matcherOf(at(entry, 'matcher'));
      const what = `branch restriction “${type ?? 'unknown'}” on ${matcher === null ? 'unknown branches' : wordsOfMatcher(matcher)}`;
      if (type === undefined || matcher === null) return incomplete(what, entry);
      const content = { type, matcher, users: userNamesAt(entry, 'users'), groups: textsAt(entry, 'groups'), keys: keysIn(entry) };
      return { key: `${type} ${keyOfMatcher(matcher)}`, what, content, id: numberAt(entry, 'id') };
    }),
  read: (context) => everyEntry(context, restrictionsAt.at(context.scope)),
  fit: async ({ what }, content, context) => {
    const users = await knownUsers(content.users, what, context);
    const groups = await knownGroups(content.groups, what, context);
    const keys = await knownKeys(content.keys, what, context);
    return {
      content: { ...content, users: users.names, groups: groups.names, keys: keys.keys },
      notes: [...users.notes, ...groups.notes, ...keys.notes],
    };
  },
  // The same type and branches again replace what is there.
  create: async ({ type, matcher, users, groups, keys }, context) => {
    const numbers = keys.length === 0 ? null : await keysOfTarget(context);
    const accessKeys = keys.flatMap(({ text }) => numbers?.get(text) ?? []);
    await submit(context, 'POST', restrictionsAt.at(context.scope), {
      json: [{ type, matcher, users, groups, accessKeys }],
      mediaType: 'application/vnd.atl.bitbucket.bulk+json',
    });
  },
});
