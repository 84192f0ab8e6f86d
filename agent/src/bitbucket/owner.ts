import type { Owner } from '@gitprotect/shared/credential';
import { AppError } from '@gitprotect/shared/errors';
import { Count } from '@gitprotect/shared/text';
import * as v from 'valibot';
import type { Reader } from './reader.ts';

const User = v.looseObject({
  id: v.optional(Count),
  name: v.string(),
  slug: v.string(),
  displayName: v.string(),
  type: v.optional(v.string()),
});
type User = v.InferOutput<typeof User>;

/** Whose a token is. Project and repository tokens belong to nobody: a service account without a login acts for them. */
export type Ownership = { readonly kind: 'user'; readonly owner: Owner } | { readonly kind: 'project'; readonly owner: null };

/**
 * Asks the server whose token this is: the name from `X-AUSERNAME`, else from the who-am-I page; slug and full name from its users.
 * @throws AppError `token-rejected` when the server takes the request for nobody's, and all of the client's
 */
export async function readOwner(reader: Reader, signal?: AbortSignal): Promise<Ownership> {
  const { userName } = await reader.ask('/rest/api/latest/application-properties', { schema: v.looseObject({}), signal });
  const name = userName ?? (await reader.text('/plugins/servlet/applinks/whoami', { signal })).trim();
  if (name === '') {
    throw new AppError('token-rejected', `${new URL(reader.baseUrl).host} takes requests with this token for anonymous ones`, {
      remedy: 'check that the token was copied whole, and that no proxy before Bitbucket removes the Authorization header',
    });
  }
  if (name.startsWith('access-token-user/')) return { kind: 'project', owner: null };
  const user = (await userBySlug(reader, { name, signal })) ?? (await userByName(reader, { name, signal }));
  if (user?.type === 'SERVICE') return { kind: 'project', owner: null };
  // A server may hide its users from one another: the name alone still tells users apart.
  if (user === undefined) return { kind: 'user', owner: { name, slug: slugOf(name), displayName: name } };
  const { id, slug, displayName } = user;
  return { kind: 'user', owner: { ...(id !== undefined && { id }), name: user.name, slug, displayName } };
}

interface Wanted {
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

/** Bitbucket's slugs are names in lower case with everything unusual replaced. */
const slugOf = (name: string): string => name.toLowerCase().replace(/[^a-z0-9._-]/g, '_');

const sameName = (user: User, name: string): boolean => user.name.toLowerCase() === name.toLowerCase();

async function userBySlug(reader: Reader, { name, signal }: Wanted): Promise<User | undefined> {
  try {
    const user = await reader.get(`/rest/api/latest/users/${encodeURIComponent(slugOf(name))}`, { schema: User, signal });
    return sameName(user, name) ? user : undefined;
  } catch (error) {
    return unlessHidden(error);
  }
}

async function userByName(reader: Reader, { name, signal }: Wanted): Promise<User | undefined> {
  try {
    for await (const user of reader.pages('/rest/api/latest/users', { query: { filter: name }, schema: User, signal })) {
      if (sameName(user, name)) return user;
    }
    return undefined;
  } catch (error) {
    return unlessHidden(error);
  }
}

function unlessHidden(error: unknown): undefined {
  if (error instanceof AppError && (error.code === 'not-found' || error.code === 'token-no-read')) return undefined;
  throw error;
}
