import * as v from 'valibot';
import { AppError } from './errors.ts';
import { Count, Id, Name, Time } from './text.ts';

export const Permission = v.picklist(['PROJECT_READ', 'PROJECT_WRITE', 'PROJECT_ADMIN', 'REPO_READ', 'REPO_WRITE', 'REPO_ADMIN']);
export type Permission = v.InferOutput<typeof Permission>;

/**
 * A Bitbucket user as far as we keep one. `slug` is the unit of throughput: all tokens of one user share a bucket. `id` is Bitbucket's number,
 * which survives a rename; unknown where the server hides its users.
 */
export const Owner = v.object({ id: v.optional(Count), name: v.string(), slug: v.string(), displayName: v.string() });
export type Owner = v.InferOutput<typeof Owner>;

/** How a credential fares. `message` says in words what is so; what to do about it is `cureOf`'s to say. */
export const Health = v.object({
  state: v.picklist(['healthy', 'expires-soon', 'expired', 'rejected', 'throttled', 'unchecked']),
  checkedAt: v.nullable(Time),
  message: v.nullable(v.string()),
  /** What is known to be behind it: another cure than a new token of the same user. `no-read`: the server accepts it, and does not show it a project. */
  cause: v.optional(v.picklist(['owner-deactivated', 'owner-gone', 'no-read'])),
});
export type Health = v.InferOutput<typeof Health>;

/** What to do about a credential's health, as an instruction for person and terminal alike; `null` where it passes by itself. */
export function cureOf({ id, health }: { readonly id: string; readonly health: Health }): string | null {
  const renew = `gitprotect-agent credential renew ${id} --token-stdin`;
  switch (health.state) {
    case 'healthy':
      return health.cause === 'no-read' ? 'give its owner read access there' : null;
    case 'throttled':
      return null;
    case 'unchecked':
      return `test it: gitprotect-agent credential test ${id}`;
    case 'expires-soon':
    case 'expired':
    case 'rejected':
      if (health.cause === undefined || health.cause === 'no-read')
        return `its owner clicks Renew beside it in Bitbucket’s token page, or: ${renew}`;
      return `have its owner activated in Bitbucket again, or give it somebody else’s token: ${renew} --another-owner`;
  }
}

/** One project a credential is attached to. The first one attached to a project is its own; all others are additional. */
export const Attachment = v.object({
  projectId: Id,
  own: v.boolean(),
  /** Repos it sees there, of all repos known there; `null` before the first look. */
  sees: v.nullable(Count),
  of: v.nullable(Count),
});
export type Attachment = v.InferOutput<typeof Attachment>;

/** A stored token, without its secret, which never leaves the vault again. */
export const Credential = v.object({
  id: Id,
  serverId: Id,
  name: Name,
  /** The 12 digits inside the token; `null` where the form is not known. */
  tokenId: v.nullable(v.string()),
  /** `user` tokens name their owner; project and repository tokens have none and work as Bearer only. */
  kind: v.picklist(['user', 'project']),
  owner: v.nullable(Owner),
  /** As the page reported them; `null` when it was added without a page. */
  permissions: v.nullable(v.array(Permission)),
  expiresAt: v.nullable(Time),
  health: Health,
  attachments: v.array(Attachment),
  /** Plans that use it now. */
  plans: v.array(v.object({ id: Id, name: Name })),
  addedAt: Time,
  lastUsedAt: v.nullable(Time),
});
export type Credential = v.InferOutput<typeof Credential>;

/** Whether two credentials share one bucket of requests. Of a project token nobody knows, so it stands for itself. */
export function sameUser(one: Pick<Credential, 'serverId' | 'owner'>, other: Pick<Credential, 'serverId' | 'owner'>): boolean {
  return one.serverId === other.serverId && one.owner !== null && other.owner !== null && isSameOwner(one.owner, other.owner);
}

/** By number where both are known, for names change. */
export function isSameOwner(one: Owner, other: Owner): boolean {
  return one.id === undefined || other.id === undefined ? one.slug === other.slug : one.id === other.id;
}

/** What a token looks like: 44 characters of Base64, since 9.4 behind `BBDC-` (Atlassian's secret-scanning rule). */
export const tokenPattern = /(?<![A-Za-z0-9+/-])(?:BBDC-)?[A-Za-z0-9+/]{44}(?![A-Za-z0-9+/=])/;

/** What the text of one token says of itself. */
export type TokenForm =
  | { readonly form: 'token'; readonly tokenId: string }
  /** The right length behind the prefix, but the id does not decode: newer servers may differ. */
  | { readonly form: 'unknown' }
  | { readonly form: 'not-a-token' };

/** Decodes the id inside a token: Base64 of 12 digits, a colon and 20 random bytes. Works offline. */
export function readToken(text: string): TokenForm {
  const match = /^(BBDC-)?([A-Za-z0-9+/]{44})$/.exec(text.trim());
  if (match === null) return { form: 'not-a-token' };
  const id = /^(\d{12}):/.exec(atob(match[2] ?? ''))?.[1];
  if (id !== undefined) return { form: 'token', tokenId: id };
  return match[1] === undefined ? { form: 'not-a-token' } : { form: 'unknown' };
}

/** The error for a text that cannot be a token. */
export function notAToken(): AppError {
  return new AppError('token-malformed', 'this is not an HTTP access token of Bitbucket', {
    remedy: 'copy the token whole: 44 characters, on newer servers behind BBDC-',
  });
}
