import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { endpoint } from '../endpoint.ts';
import type { Reader } from '../reader.ts';
import type { Operation } from './kind-reader.ts';
import type { Principals } from './kind-writer.ts';

const userAt = endpoint('/api/latest/users/{userSlug}');
const users = endpoint('/api/latest/users');
const groups = endpoint('/api/latest/groups');

export const userOperations: readonly Operation[] = [`GET ${userAt.template}`, `GET ${users.template}`];
export const groupOperations: readonly Operation[] = [`GET ${groups.template}`];

const User = v.looseObject({ id: v.number(), name: v.string(), slug: v.string() });
type User = v.InferOutput<typeof User>;

/** Bitbucket's slugs are names in lower case with everything unusual replaced. */
const slugOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9._-]/g, '_');

const sameText = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
const isNamed = (user: User, name: string): boolean => sameText(user.name, name) || sameText(user.slug, name);

/** Looks users and groups up on one server, each once. What the token may not look up counts as unknown, and `whyUnknown` says so. */
export function principalsOf(reader: Reader, signal: AbortSignal): Principals {
  const user = remembered('user', async (name) => {
    const bySlug = await unlessUnknown(() => reader.get(userAt.at({ userSlug: slugOf(name) }), { schema: User, signal }));
    if (bySlug !== null && isNamed(bySlug, name)) return bySlug;
    for await (const found of reader.pages(users.at({}), { query: { filter: name }, schema: User, signal })) {
      if (isNamed(found, name)) return found;
    }
    return null;
  });
  const group = remembered('group', async (name) => {
    for await (const found of reader.pages(groups.at({}), { query: { filter: name }, schema: v.string(), signal })) {
      if (sameText(found, name)) return found;
    }
    return null;
  });
  return {
    user: (name) => user.find(name),
    group: async (name) => (await group.find(name)) !== null,
    whyUnknown: (of, name) => (of === 'user' ? user : group).why(name),
  };
}

/** Asks once a name. A failure says nothing of the principal: the next one who asks tries again. */
function remembered<T>(word: string, look: (name: string) => Promise<T | null>) {
  const asked = new Map<string, Promise<T | null>>();
  const refused = new Set<string>();
  return {
    find(name: string): Promise<T | null> {
      const before = asked.get(name);
      if (before !== undefined) return before;
      const asking = look(name).catch((error: unknown) => {
        if (error instanceof AppError && (error.code === 'token-no-read' || error.code === 'not-found')) {
          refused.add(name);
          return null;
        }
        asked.delete(name);
        throw error;
      });
      asked.set(name, asking);
      return asking;
    },
    why: (name: string): string =>
      refused.has(name) ? `the token may not look up the ${word} “${name}” on the server` : `the server has no ${word} “${name}”`,
  };
}

/** A user that is not there is answered with 404; the list may still know the name. */
async function unlessUnknown<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null;
    throw error;
  }
}
