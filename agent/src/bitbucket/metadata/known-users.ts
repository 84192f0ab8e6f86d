import { listAt, textAt } from './fields.ts';
import type { PlannedChange, WriteContext } from './kind-writer.ts';

/** Names of the users of a list: records hold them whole, by name only with older servers. */
export function userNamesAt(value: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path)
    .map((user) => (typeof user === 'string' ? user : (textAt(user, 'name') ?? textAt(user, 'slug'))))
    .filter((name) => name !== undefined)
    .toSorted();
}

interface Known {
  /** As the target spells them. */
  readonly names: readonly string[];
  /** One for each that the target does not know. */
  readonly notes: readonly PlannedChange[];
}

/** Of these users, those the target has. `what` says of what a missing one is left out. */
export async function knownUsers(names: readonly string[], what: string, { principals }: WriteContext): Promise<Known> {
  const found: string[] = [];
  const notes: PlannedChange[] = [];
  for (const name of names) {
    const user = await principals.user(name);
    if (user === null) notes.push({ state: 'cannot', what: `user “${name}” in ${what}`, why: principals.whyUnknown('user', name) });
    else found.push(user.name);
  }
  return { names: found.toSorted(), notes };
}

/** Of these groups, those the target has. */
export async function knownGroups(names: readonly string[], what: string, { principals }: WriteContext): Promise<Known> {
  const found: string[] = [];
  const notes: PlannedChange[] = [];
  for (const name of names) {
    if (await principals.group(name)) found.push(name);
    else notes.push({ state: 'cannot', what: `group “${name}” in ${what}`, why: principals.whyUnknown('group', name) });
  }
  return { names: found.toSorted(), notes };
}

/** The target's users of these names, with the numbers by which it knows them. */
export async function numberedUsers(names: readonly string[], { principals }: WriteContext): Promise<{ id: number; name: string }[]> {
  const users = await Promise.all(names.map((name) => principals.user(name)));
  return users.flatMap((user) => (user === null ? [] : [{ id: user.id, name: user.name }]));
}
