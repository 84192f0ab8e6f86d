import type { Connection as Channel, PairedAgent } from '@gitprotect/shared/channel-client';
import { AppError, asAppError, reportOf } from '@gitprotect/shared/errors';
import type { Caller, Method, Params, Result } from '@gitprotect/shared/protocol';
import type { KeyStore } from './key-store.ts';
import type { LastSeen } from './last-seen.ts';
import type { Connection, PushedEvent } from './messages.ts';

export interface ConnectionParts {
  readonly dial: (agent: PairedAgent) => Promise<Channel>;
  /** Trades a pairing code for a key, over a socket of its own. */
  readonly pair: (code: string) => Promise<PairedAgent>;
  readonly keys: KeyStore;
  readonly lastSeen: () => Promise<LastSeen | null>;
  /** The agent's events, and `connection` whenever the answer of `look` would differ. */
  readonly heard: (event: PushedEvent) => void;
}

const notPaired = () =>
  new AppError('not-paired', 'this browser is not paired with an agent', { remedy: 'run `gitprotect-agent pair` and paste its code' });

/**
 * The only socket, opened when somebody asks and never kept open for its own sake. It holds nothing that must outlive the
 * worker: the key rests in IndexedDB, jobs live in the agent.
 */
export class AgentConnection {
  readonly #parts: ConnectionParts;
  #opening: Promise<Channel> | null = null;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** Asks the agent, connecting first where needed. Rejects with an `AppError`. */
  async call<M extends Method>(method: M, params: Params<M>, from: Caller): Promise<Result<M>> {
    const channel = await this.#open();
    return channel.callAs(from)(method, params);
  }

  /** The same for a call that the relay has checked against the protocol. */
  async relay(method: Method, params: unknown, from: Caller): Promise<unknown> {
    const channel = await this.#open();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed by this very method's schema
    return channel.callAs(from)(method, params as never);
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

  #open(): Promise<Channel> {
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<Channel> {
    try {
      const pairing = await this.#parts.keys.read();
      if (pairing === null) throw notPaired();
      const channel = await this.#parts.dial(pairing);
      channel.on('run.progress', (body) => this.#parts.heard({ name: 'run.progress', body }));
      channel.on('changed', (body) => this.#parts.heard({ name: 'changed', body }));
      void channel.closed.then(() => this.#lost(channel));
      this.#parts.heard({ name: 'connection', body: { state: 'connected', port: pairing.port } });
      return channel;
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }

  async #lost(channel: Channel): Promise<void> {
    const current = await this.#opening?.catch(() => null);
    if (current !== channel) return;
    this.#opening = null;
    const pairing = await this.#parts.keys.read();
    const body: Connection =
      pairing === null ? { state: 'unpaired' } : { state: 'offline', port: pairing.port, lastSeen: await this.#parts.lastSeen() };
    this.#parts.heard({ name: 'connection', body });
  }

  async #drop(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    const channel = await opening?.catch(() => null);
    await channel?.[Symbol.asyncDispose]();
  }

  async #announce(): Promise<Connection> {
    const body = await this.look();
    if (body.state !== 'connected') this.#parts.heard({ name: 'connection', body });
    return body;
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
