import type { Storage } from '@gitprotect/agent/storage/storage';

/** What a storage is asked, counted; and at which of these steps the process "dies": every later step fails too. */
export interface Faults {
  steps: number;
  dieAt: number;
  /** How it dies; by an error, when absent. */
  readonly die?: () => never;
}

export class Died extends Error {
  override readonly name = 'Died';
}

/**
 * A storage whose owner can die at any step: before each operation, before each piece of what is written, and after a write that has succeeded
 * but is never heard of.
 */
export function faulty(inner: Storage, faults: Faults): Storage {
  const step = (): void => {
    faults.steps += 1;
    if (faults.steps < faults.dieAt) return;
    faults.die?.();
    throw new Died(`died at step ${faults.dieAt}`);
  };
  async function* stepping<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const item of source) {
      step();
      yield item;
    }
  }
  return {
    place: inner.place,
    async put(name, source, options) {
      step();
      const stored = await inner.put(name, stepping(source), options);
      step();
      return stored;
    },
    async get(name, options) {
      step();
      return stepping(await inner.get(name, options));
    },
    async *list(prefix) {
      step();
      yield* inner.list(prefix);
    },
    async stat(name) {
      step();
      return inner.stat(name);
    },
    async remove(name) {
      step();
      await inner.remove(name);
    },
    async freeBytes() {
      step();
      return inner.freeBytes();
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}
