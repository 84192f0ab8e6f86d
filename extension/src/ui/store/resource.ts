import { type ReadonlySignal, signal } from '@preact/signals';
import { reportOf } from '@gitprotect/shared/errors';
import { type Loadable, afterFailure, changed, loading, ready } from './loadable.ts';

/** One thing asked of the agent. Asked for when somebody first looks at it, and again when it changed. */
export class Resource<T> {
  readonly #signal = signal<Loadable<T>>(loading);
  readonly #read: () => Promise<T>;
  readonly #live: ReadonlySignal<boolean>;
  #reading: Promise<void> | null = null;
  #again = false;
  #wanted = false;

  /** `live`: whether asking makes sense now; a resource that is wanted meanwhile waits for its owner to `reload`. */
  constructor(read: () => Promise<T>, live: ReadonlySignal<boolean>) {
    this.#read = read;
    this.#live = live;
  }

  /** What is known now; the first look asks for it. Components that read it are drawn again when it changes. */
  get current(): Loadable<T> {
    if (!this.#wanted) {
      this.#wanted = true;
      void this.reload();
    }
    return this.#signal.value;
  }

  /** The same without asking and without following. */
  get known(): Loadable<T> {
    return this.#signal.peek();
  }

  /**
   * Asks again, if anybody ever looked, and resolves when the answer is there. Calls that come while one is under way become one more, after
   * it: what was changed before the call is in the value when it resolves. Never rejects.
   */
  async reload(): Promise<void> {
    if (!this.#wanted || !this.#live.peek()) return;
    if (this.#reading !== null) this.#again = true;
    this.#reading ??= this.#readUntilFresh().finally(() => (this.#reading = null));
    await this.#reading;
  }

  async #readUntilFresh(): Promise<void> {
    do {
      this.#again = false;
      try {
        this.#signal.value = ready(await this.#read());
      } catch (error) {
        this.#signal.value = afterFailure(this.#signal.peek(), reportOf(error));
      }
    } while (this.#again);
  }

  /** What is known is no longer ours to show; who looks sees nothing until the next `reload`. */
  forget(): void {
    this.#signal.value = loading;
  }

  /** Puts news into the value without asking. */
  change(how: (value: T) => T): void {
    this.#signal.value = changed(this.#signal.peek(), how);
  }
}
