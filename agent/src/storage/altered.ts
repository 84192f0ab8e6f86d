import type { Storage } from './storage.ts';

/** For tests: a storage that does some things otherwise, and all else as `inner`. */
export function altered(inner: Storage, otherwise: Partial<Storage>): Storage {
  return {
    place: inner.place,
    put: (...asked) => inner.put(...asked),
    get: (...asked) => inner.get(...asked),
    list: (prefix) => inner.list(prefix),
    stat: (name) => inner.stat(name),
    remove: (name) => inner.remove(name),
    freeBytes: () => inner.freeBytes(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    ...otherwise,
  };
}
