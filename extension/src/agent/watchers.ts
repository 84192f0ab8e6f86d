import { afterFailure } from '@gitprotect/shared/reconnect';
import type { Connection, PushedEvent } from './messages.ts';

/** An open page of ours, at the other end of a port. */
export interface Watcher {
  readonly send: (event: PushedEvent) => void;
}

export interface WatchersParts {
  readonly look: () => Promise<Connection>;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * The pages that are open now: they hear every event, and while there are any a lost agent is tried again. With none of
 * them the worker may sleep. While a run goes the agent sends something every 20 seconds, which keeps it awake.
 */
export class Watchers {
  readonly #parts: WatchersParts;
  readonly #open = new Set<Watcher>();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(parts: WatchersParts) {
    this.#parts = parts;
  }

  async add(watcher: Watcher): Promise<void> {
    this.#open.add(watcher);
    const connection = await this.#parts.look();
    if (this.#open.has(watcher)) watcher.send({ name: 'connection', body: connection });
    this.#follow(connection);
  }

  remove(watcher: Watcher): void {
    this.#open.delete(watcher);
    if (this.#open.size > 0) return;
    clearTimeout(this.#retry);
  }

  tell(event: PushedEvent): void {
    for (const watcher of this.#open) watcher.send(event);
    if (event.name === 'connection') this.#follow(event.body);
  }

  #follow(connection: Connection): void {
    clearTimeout(this.#retry);
    if (connection.state === 'connected') this.#failures = 0;
    if (connection.state !== 'offline' || this.#open.size === 0) return;
    this.#failures += 1;
    const next = afterFailure('agent-not-running', this.#failures, this.#parts.random());
    if ('stop' in next) return;
    this.#retry = setTimeout(() => void this.#parts.look().then((body) => this.tell({ name: 'connection', body })), next.retryIn);
  }
}
