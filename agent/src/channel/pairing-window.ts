import { importKey, type WebKey } from '@gitprotect/shared/handshake';
import type { Clock } from '../lib/clock.ts';

const validFor = 5 * 60_000;
const mostTries = 5;

/** The time in which one new client may pair: five minutes, one client, five tries. Closed until somebody opens it. */
export class PairingWindow {
  readonly #clock: Clock;
  #current: { readonly key: WebKey; readonly until: number; triesLeft: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#current !== undefined && this.#clock.now() < this.#current.until && this.#current.triesLeft > 0;
  }

  /** Opens it with a new secret of 16 bytes; the one before is void. */
  async open(): Promise<{ secret: Uint8Array<ArrayBuffer>; until: number }> {
    const secret = crypto.getRandomValues(new Uint8Array(16));
    const until = this.#clock.now() + validFor;
    this.#current = { key: await importKey(secret, 'pairing'), until, triesLeft: mostTries };
    return { secret, until };
  }

  /** The key for one try, or `null` when no client is awaited. */
  try(): WebKey | null {
    if (!this.isOpen || this.#current === undefined) return null;
    this.#current.triesLeft -= 1;
    return this.#current.key;
  }

  /** Closes it for the one client that proved it holds `key`; `false` when another was first, or the time is over. */
  claim(key: WebKey): boolean {
    if (this.#current?.key !== key || this.#clock.now() >= this.#current.until) return false;
    this.#current = undefined;
    return true;
  }
}
