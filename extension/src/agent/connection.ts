import { AppError, asAppError, reportOf } from '@gitprotect/shared/errors';
import type { Caller, Method } from '@gitprotect/shared/protocol';
import type { KeyStore, StoredPairing } from './key-store.ts';
import type { LastSeen } from './last-seen.ts';
import type { Connection } from './messages.ts';

/** An open, mutually proven channel to the agent. */
export interface OpenChannel {
  call(method: Method, params: unknown, from: Caller): Promise<unknown>;
  /** A JSON message, because protocol-level pings do not keep a worker alive. */
  heartbeat(): void;
  close(): void;
  /** Resolves when the channel is gone, for whatever reason. */
  readonly closed: Promise<unknown>;
}

export interface ConnectionParts {
  /** Opens a socket and proves both ends. Rejects with `agent-not-running`, `not-your-agent`, `not-paired`, `protocol-version`. */
  readonly dial: (pairing: StoredPairing) => Promise<OpenChannel>;
  /** Trades a pairing code for a key, over a socket of its own. */
  readonly pair: (code: string) => Promise<StoredPairing>;
  readonly keys: KeyStore;
  readonly lastSeen: () => Promise<LastSeen | null>;
  /** Told whenever the answer of `look` would differ. */
  readonly changed: (connection: Connection) => void;
}

const notPaired = () =>
  new AppError('not-paired', 'this browser is not paired with an agent', { remedy: 'run `gitprotect-agent pair` and paste its code' });

/**
 * The only socket, opened when somebody asks and never kept open for its own sake. It holds nothing that must outlive the
 * worker: the key rests in IndexedDB, jobs live in the agent.
 */
export class AgentConnection {
  readonly #parts: ConnectionParts;
  #opening: Promise<OpenChannel> | null = null;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** Asks the agent, connecting first where needed. Rejects with an `AppError`. */
  async call(method: Method, params: unknown, from: Caller): Promise<unknown> {
    const channel = await this.#open();
    return channel.call(method, params, from);
  }

  /** How we stand with the agent, after trying. Never rejects. */
  async look(): Promise<Connection> {
    const pairing = await this.#parts.keys.read();
    if (pairing === null) return { state: 'unpaired' };
    try {
      await this.#open();
      return { state: 'connected', port: pairing.port };
    } catch (error) {
      return this.#why(asAppError(error), pairing.port);
    }
  }

  async pair(code: string): Promise<Connection> {
    const pairing = await this.#parts.pair(code);
    await this.#drop();
    await this.#parts.keys.write(pairing);
    return this.#announce();
  }

  /** Forgets the key. The agent's own record of this browser is the agent's to remove. */
  async unpair(): Promise<Connection> {
    await this.#parts.keys.clear();
    await this.#drop();
    return this.#announce();
  }

  /** Keeps worker and socket alive; does nothing while there is no socket. */
  async heartbeat(): Promise<void> {
    if (this.#opening !== null) (await this.#opening).heartbeat();
  }

  #open(): Promise<OpenChannel> {
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<OpenChannel> {
    try {
      const pairing = await this.#parts.keys.read();
      if (pairing === null) throw notPaired();
      const channel = await this.#parts.dial(pairing);
      void channel.closed.then(() => this.#lost(channel));
      return channel;
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }

  async #lost(channel: OpenChannel): Promise<void> {
    const current = await this.#opening?.catch(() => null);
    if (current !== channel) return;
    this.#opening = null;
    const pairing = await this.#parts.keys.read();
    this.#parts.changed(
      pairing === null ? { state: 'unpaired' } : { state: 'offline', port: pairing.port, lastSeen: await this.#parts.lastSeen() },
    );
  }

  async #drop(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    const channel = await opening?.catch(() => null);
    channel?.close();
  }

  async #announce(): Promise<Connection> {
    const connection = await this.look();
    this.#parts.changed(connection);
    return connection;
  }

  async #why(error: AppError, port: number): Promise<Connection> {
    switch (error.code) {
      case 'not-paired':
        return { state: 'unpaired' };
      case 'not-your-agent':
        return { state: 'not-your-agent', port };
      case 'agent-not-running':
      case 'connection-lost':
        return { state: 'offline', port, lastSeen: await this.#parts.lastSeen() };
      default:
        return { state: 'refused', error: reportOf(error) };
    }
  }
}
