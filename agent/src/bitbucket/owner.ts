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

/** Who the server takes a token's requests for. `id` is `null` where it does not say. */
export interface AskedAs {
  readonly name: string;
  readonly id: number | null;
}

/**
 * Asks the server whom it takes this token's requests for: one request where it says so by `X-AUSERNAME`, else a second one to the who-am-I page.
 * @throws AppError `token-rejected` when it takes them for nobody's, and all of the client's
 */
export async function askedAs(reader: Reader, signal?: AbortSignal): Promise<AskedAs> {
  const { userName, userId } = await reader.ask('/rest/api/latest/application-properties', { schema: v.looseObject({}), signal });
  const name = userName ?? (await reader.text('/plugins/servlet/applinks/whoami', { signal })).trim();
  if (name !== '') return { name, id: userId };
  throw new AppError('token-rejected', `${new URL(reader.baseUrl).host} takes requests with this token for anonymous ones`, {
    remedy: 'check that the token was copied whole, and that no proxy before Bitbucket removes the Authorization header',
  });
}

/**
 * Asks the server whose token this is; slug and full name are from its list of users.
 * @throws AppError as `askedAs`
 */
export async function readOwner(reader: Reader, signal?: AbortSignal): Promise<Ownership> {
  return ownershipOf(reader, await askedAs(reader, signal), signal);
}

/** Whose a token is, once it is known whom its requests are taken for. */
export async function ownershipOf(reader: Reader, { name, id: askedId }: AskedAs, signal?: AbortSignal): Promise<Ownership> {
  if (name.startsWith('access-token-user/')) return { kind: 'project', owner: null };
  const user = (await userBySlug(reader, { name, signal })) ?? (await userByName(reader, { name, signal }));
  if (user?.type === 'SERVICE') return { kind: 'project', owner: null };
  const id = user?.id ?? askedId;
  // A server may hide its users from one another: the name alone still tells users apart.
  const known = user ?? { name, slug: slugOf(name), displayName: name };
  return { kind: 'user', owner: { ...(id !== null && { id }), name: known.name, slug: known.slug, displayName: known.displayName } };
}

/** How a user is, asked by somebody else: `unknown` where the server does not say. */
export async function readStanding(
  reader: Reader,
  slug: string,
  signal?: AbortSignal,
): Promise<'active' | 'deactivated' | 'gone' | 'unknown'> {
  try {
    const path = `/rest/api/latest/users/${encodeURIComponent(slug)}`;
    const { active } = await reader.get(path, { schema: v.looseObject({ active: v.optional(v.boolean()) }), signal });
    return active === undefined ? 'unknown' : active ? 'active' : 'deactivated';
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return 'gone';
    if (error instanceof AppError) return 'unknown';
    throw error;
  }
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
