import { AppError } from '@gitprotect/shared/errors';
import type { Secret } from '../lib/secret.ts';
import { openAge, sealAge } from './age.ts';
import type { GetOptions, PutOptions, Storage, Stored, StoredObject } from './storage.ts';

/** Who can read what is sealed, and the key this agent reads it with. */
export interface Keys {
  /** age recipients (`age1…`) that new objects are sealed to: the agent's own, and those of the recovery keys. */
  readonly recipients: readonly string[];
  /** What opens: age identities (`AGE-SECRET-KEY-1…`), one a line as in an identity file. */
  readonly identity: Secret;
  /** Signs records that stand for other objects, and tells ours from others'; without it nothing is taken for ours. */
  readonly signing?: Secret | undefined;
}

/**
 * A storage that seals what it writes and opens what it reads. Sizes and hashes, in and out, are those of the sealed bytes as they lie in
 * `inner`. Takes only names that end in `.age`. Dispose disposes `inner`.
 */
export function sealed(inner: Storage, keys: Keys): Storage {
  return {
    place: inner.place,
    put: async (name: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<Stored> => {
      checkSealedName(name);
      return inner.put(name, sealAge(source, keys.recipients), options);
    },
    get: async (name: string, options: GetOptions): Promise<AsyncIterable<Uint8Array>> => {
      checkSealedName(name);
      return openAge(await inner.get(name, options), keys.identity, name);
    },
    list: (prefix: string): AsyncIterable<StoredObject> => inner.list(prefix),
    stat: (name: string) => inner.stat(name),
    remove: (name: string) => inner.remove(name),
    freeBytes: () => inner.freeBytes(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

/** So that nothing goes in plain, and nothing plain is read as sealed, by a mistake of ours. */
function checkSealedName(name: string): void {
  if (!name.endsWith('.age')) throw new AppError('internal', `${name} is no sealed object`);
}
