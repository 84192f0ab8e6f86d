import { type AppError, asAppError } from '@gitprotect/shared/errors';
import type { Params, PlanChoice, Renewed, Result } from '@gitprotect/shared/protocol';
import { call } from '../agent/client.ts';
import type { ListedToken } from '../bitbucket/listed-token.ts';
import type { Bitbucket, CreatedToken, NewToken } from '../bitbucket/rest.ts';

export type StoredCredential = Result<'page.state'>['credentials'][number];

/** What is known on one token page: the person's tokens, and what the agent has of them. */
export class TokensSession {
  tokens: readonly ListedToken[];
  /** `null` before the agent has answered, and while it does not. */
  state: Result<'page.state'> | null = null;
  problem: AppError | null = null;
  readonly slug: string;
  readonly #bitbucket: Bitbucket;
  readonly #changed: () => void;

  constructor(parts: { bitbucket: Bitbucket; slug: string; tokens: readonly ListedToken[]; changed: () => void }) {
    this.#bitbucket = parts.bitbucket;
    this.slug = parts.slug;
    this.tokens = parts.tokens;
    this.#changed = parts.changed;
  }

  /** Asks the agent anew. Never rejects: see `problem`. */
  async refresh(): Promise<void> {
    try {
      this.state = await call('page.state', {});
      this.problem = null;
    } catch (error) {
      this.problem = asAppError(error);
    }
    this.#changed();
  }

  /** Asks Bitbucket anew. What was known stays where it does not answer. */
  async refreshTokens(): Promise<void> {
    this.tokens = (await this.#bitbucket.tokens(this.slug).catch(() => null)) ?? this.tokens;
    this.#changed();
  }

  /** What the agent has of a token: by its id, or by name and owner where an older one was added without. */
  storedAs(token: ListedToken): StoredCredential | null {
    const credentials = this.state?.credentials ?? [];
    return (
      credentials.find(({ tokenId }) => tokenId === token.id) ??
      credentials.find(({ tokenId, name, ownerSlug }) => tokenId === null && name === token.name && ownerSlug === this.slug) ??
      null
    );
  }

  /** Another credential of this user: the two share one bucket of requests. */
  sameUser(): StoredCredential | null {
    return this.state?.credentials.find(({ ownerSlug, health }) => ownerSlug === this.slug && health.state !== 'expired') ?? null;
  }

  async create(token: NewToken): Promise<CreatedToken> {
    const created = await this.#bitbucket.create(this.slug, token);
    await this.refreshTokens();
    return created;
  }

  async revoke({ id }: ListedToken): Promise<void> {
    await this.#bitbucket.revoke(this.slug, id);
    await this.refreshTokens();
  }

  /**
   * Hands a secret to the agent; it comes back without. `token` is what the list says of it; it takes the place of the credential
   * `renews`, if there is one.
   */
  async add(secret: string, token: ListedToken | null, renews?: string): Promise<Renewed> {
    const params: Params<'page.credential.add'> = { token: secret };
    if (token !== null) {
      params.name = token.name.replaceAll(/\p{Cc}/gu, ' ').slice(0, 100);
      if (token.permissions.length > 0) params.permissions = [...token.permissions];
      params.expiresAt = token.expiresAt === null ? null : new Date(token.expiresAt).toISOString();
    }
    const added = await (renews === undefined
      ? call('page.credential.add', params)
      : call('page.credential.renew', { ...params, credentialId: renews }));
    void this.refresh();
    return added;
  }

  async enable(credentialId: string, planIds: readonly string[]): Promise<PlanChoice[]> {
    const plans = await call('page.credential.enable', { credentialId, planIds: [...planIds] });
    void this.refresh();
    return plans;
  }
}
