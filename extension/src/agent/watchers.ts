import { afterFailure } from '@gitprotect/shared/reconnect';
import type { Connection, PushedEvent } from './messages.ts';

/** An open page of ours, at the other end of a port. */
export interface Watcher {
  readonly send: (event: PushedEvent) => void;
}

export interface WatchersParts {
  readonly look: () => Promise<Connection>;
  /** Any exchange of JSON: protocol-level pings do not keep a worker awake. */
  readonly heartbeat: () => Promise<unknown>;
  /** In [0, 1). */
  readonly random: () => number;
}

const heartbeatMilliseconds = 20_000;

/**
 * The pages that are open now: they hear every event, and while there are any a lost agent is tried again and a going run
 * keeps the worker awake. With none of them the worker may sleep.
 */
export class Watchers {
  readonly #parts: WatchersParts;
  readonly #open = new Set<Watcher>();
  #beat: ReturnType<typeof setInterval> | undefined;
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
    this.running(false);
  }

  tell(event: PushedEvent): void {
    for (const watcher of this.#open) watcher.send(event);
    if (event.name === 'connection') this.#follow(event.body);
    if (event.name === 'run.progress') this.running(event.body.run.state === 'running');
  }

  /** Whether a run is going: only then is the worker kept awake. */
  running(going: boolean): void {
    if (going && this.#open.size > 0) {
      this.#beat ??= setInterval(() => void this.#parts.heartbeat().catch(() => undefined), heartbeatMilliseconds);
    } else {
      clearInterval(this.#beat);
      this.#beat = undefined;
    }
  }

  #follow(connection: Connection): void {
    clearTimeout(this.#retry);
    if (connection.state === 'connected') this.#failures = 0;
    else this.running(false);
    if (connection.state !== 'offline' || this.#open.size === 0) return;
    this.#failures += 1;
    const next = afterFailure('agent-not-running', this.#failures, this.#parts.random());
    if ('stop' in next) return;
    this.#retry = setTimeout(() => void this.#parts.look().then((body) => this.tell({ name: 'connection', body })), next.retryIn);
  }
}
