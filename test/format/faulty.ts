import { basename } from 'node:path';
import { kindOf } from '@gitprotect/agent/storage/layout';
import type { Storage } from '@gitprotect/agent/storage/storage';

/** What a storage is asked, counted; and at which of these steps the process "dies": every later step fails too. */
export interface Faults {
  steps: number;
  dieAt: number;
  /** How it dies; by an error, when absent. */
  readonly die?: () => never;
  /** Told each step before it is done, in words, and of what: `put bundle in storage`, and the object's name or the prefix of a list. */
  readonly onStep?: (step: string, name: string) => void;
  /** Whether to count one that only reads; each counts, when absent. */
  readonly countsReading?: () => boolean;
}

export class Died extends Error {
  override readonly name = 'Died';
}

const reading: ReadonlySet<string> = new Set(['get', 'reading', 'list', 'stat', 'freeBytes']);

/**
 * A storage whose owner can die at any step: before each operation, before each piece of what is written, and after a write that has succeeded
 * but is never heard of; so with a removal.
 */
export function faulty(inner: Storage, faults: Faults): Storage {
  const step = (what: string, name = ''): void => {
    faults.onStep?.(`${what} ${kindOf(name).kind} in ${basename(inner.place)}`, name);
    if (reading.has(what) && faults.countsReading?.() === false) return;
    faults.steps += 1;
    if (faults.steps < faults.dieAt) return;
    faults.die?.();
    throw new Died(`died at step ${faults.dieAt}`);
  };
  async function* stepping<T>(source: AsyncIterable<T>, what: string, name: string): AsyncGenerator<T> {
    for await (const item of source) {
      step(what, name);
      yield item;
    }
  }
  return {
    place: inner.place,
    async put(name, source, options) {
      step('put', name);
      const stored = await inner.put(name, stepping(source, 'writing', name), options);
      step('having put', name);
      return stored;
    },
    async get(name, options) {
      step('get', name);
      return stepping(await inner.get(name, options), 'reading', name);
    },
    async *list(prefix) {
      step('list', prefix);
      yield* inner.list(prefix);
    },
    async stat(name) {
      step('stat', name);
      return inner.stat(name);
    },
    async remove(name) {
      step('remove', name);
      await inner.remove(name);
      step('having removed', name);
    },
    async freeBytes() {
      step('freeBytes');
      return inner.freeBytes();
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}
