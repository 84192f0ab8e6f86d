import type { Clock } from '@gitprotect/agent/lib/clock';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class HandClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z');
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { until: this.#now + milliseconds, wake: resolve };
    this.#sleepers.add(sleeper);
    signal?.addEventListener('abort', () => {
      this.#sleepers.delete(sleeper);
      reject(signal.reason);
    });
    return promise;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
