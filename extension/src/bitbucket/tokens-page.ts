import type { Credential } from '@gitprotect/shared/credential';

/** Whose token page an address is; `null` when it is none of a user's. */
export interface TokensPage {
  /** From the address, where it names somebody. */
  readonly slug: string | null;
  /** `false` where a token is made or edited: such a page shows no list. */
  readonly lists: boolean;
}

const below = '/plugins/servlet/access-tokens';

/**
 * Whether an address is a user's page of HTTP access tokens. Pages of projects and repositories are not.
 * @param base the server's base URL with context path
 */
export function readTokensPage(base: string, address: string): TokensPage | null {
  const start = new URL(base).pathname.replace(/\/+$/, '') + below;
  const { pathname } = new URL(address);
  if (pathname !== start && !pathname.startsWith(`${start}/`)) return null;
  const rest = pathname.slice(start.length + 1);
  if (/^(projects|repos)\//.test(rest)) return null;
  const slug = /^users\/([^/]+)/.exec(rest)?.[1];
  return { slug: slug === undefined ? null : decodeURIComponent(slug), lists: !/(^|\/)(add|create|edit|new)(\/|$)/.test(rest) };
}

/** Cheap enough for every page of a site: only where this holds is anybody asked anything. */
export function mayBeTokensPage(address: string): boolean {
  return address.includes(below);
}

/**
 * Where a new token for the same user is made: that user's own page of HTTP access tokens. A token without a user is made in its
 * project's settings, whose address differs by version: the base itself leads there.
 * @param base the server's base URL with context path
 */
export function tokensAddress(base: string, { owner, kind }: Pick<Credential, 'owner' | 'kind'>): string {
  if (kind === 'project') return base;
  return owner === null ? `${base}${below}/manage` : `${base}${below}/users/${encodeURIComponent(owner.slug)}/manage`;
}
