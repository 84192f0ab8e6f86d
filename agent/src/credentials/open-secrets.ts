import type { Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import type { SecretVault } from './secret-record.ts';

/** How long the secret of a credential in use is kept, in milliseconds. */
const kept = 60_000;

/**
 * Secrets of credentials in use, opened once a minute and not for each request: a keychain is another process, whose answer takes longer than most
 * requests do. A secret that is replaced gets a new id, so none is out of date.
 */
export class OpenSecrets {
  readonly #vault: Pick<SecretVault, 'get'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #open = new Map<string, { readonly secret: Secret; readonly at: number }>();

  constructor(vault: Pick<SecretVault, 'get'>, clock: Pick<Clock, 'now'>) {
    this.#vault = vault;
    this.#clock = clock;
  }

  async get(id: string): Promise<Secret | null> {
    const now = this.#clock.now();
    const known = this.#open.get(id);
    if (known !== undefined && Math.abs(now - known.at) < kept) return known.secret;
    for (const [other, { at }] of this.#open) if (Math.abs(now - at) >= kept) this.#open.delete(other);
    const secret = await this.#vault.get(id);
    if (secret !== null) this.#open.set(id, { secret, at: now });
    return secret;
  }
}
