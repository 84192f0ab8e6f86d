import type { Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import type { SecretVault } from './secret-record.ts';

/** How long the secret of a credential in use is kept, in milliseconds. */
const kept = 60_000;

/**
 * Secrets of credentials in use, opened once a minute and not for each request, and forgotten then: a keychain is another process, whose answer takes
 * longer than most requests do. A secret that is replaced gets a new id, so none is out of date.
 */
export class OpenSecrets {
  readonly #vault: Pick<SecretVault, 'get'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #open = new Map<string, { readonly secret: Promise<Secret | null>; readonly at: number }>();

  constructor(vault: Pick<SecretVault, 'get'>, clock: Pick<Clock, 'now'>) {
    this.#vault = vault;
    this.#clock = clock;
  }

  async get(id: string): Promise<Secret | null> {
    const now = this.#clock.now();
    const known = this.#open.get(id);
    if (known !== undefined && Math.abs(now - known.at) < kept) return known.secret;
    const entry = { secret: this.#vault.get(id), at: now };
    this.#open.set(id, entry);
    const forget = (): void => {
      if (this.#open.get(id) === entry) this.#open.delete(id);
    };
    // Also where nobody asks any more.
    setTimeout(forget, kept).unref();
    try {
      const secret = await entry.secret;
      if (secret === null) forget();
      return secret;
    } catch (error) {
      forget();
      throw error;
    }
  }
}
