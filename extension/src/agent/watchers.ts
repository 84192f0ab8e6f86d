import type { Connection, PushedEvent } from './messages.ts';

/** An open page of ours, at the other end of a port. */
export interface Watcher {
  postMessage(event: PushedEvent): void;
}

export interface WatchersParts {
  readonly look: () => Promise<Connection>;
  readonly heartbeat: () => Promise<void>;
}

const heartbeatMilliseconds = 20_000;
const waits = [1_000, 2_000, 5_000, 10_000, 30_000];

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
    if (this.#open.has(watcher)) watcher.postMessage({ name: 'connection', body: connection });
    this.#follow(connection);
  }

  remove(watcher: Watcher): void {
    this.#open.delete(watcher);
    if (this.#open.size > 0) return;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.running(false);
  }

  tell(event: PushedEvent): void {
    for (const watcher of this.#open) watcher.postMessage(event);
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
    if (connection.state === 'connected' || connection.state === 'unpaired') {
      this.#failures = 0;
      clearTimeout(this.#retry);
      this.#retry = undefined;
      return;
    }
    this.running(false);
    if (this.#open.size === 0 || this.#retry !== undefined) return;
    const wait = waits[Math.min(this.#failures, waits.length - 1)] ?? 0;
    this.#failures += 1;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      void this.#parts.look().then((next) => this.tell({ name: 'connection', body: next }));
    }, wait);
  }
}
