import { asAppError } from '@gitprotect/shared/errors';
import { asDamage } from '../catalogue/damage.ts';
import type { Link } from '../catalogue/manifest.ts';
import { openBundle } from '../git/bundle.ts';
import type { IncomingPack } from '../git/index-packs.ts';
import { openAge } from '../storage/age.ts';
import type { Keys } from '../storage/sealed.ts';
import type { Storage } from '../storage/storage.ts';

/** Where a chain's bundles lie, and how they are opened. `storage` is the plain one. */
export interface ChainPlace {
  readonly storage: Storage;
  readonly keys: Keys;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** Called with the number of sealed bytes after each piece that was read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * The packs inside a chain's bundles, each opened when its turn comes and compared with what was once written. Reading one that is missing or
 * changed throws `backup-damaged` with the object in `facts.object`.
 */
export function chainPacks(chain: readonly Link[], place: ChainPlace, options: ReadOptions): IncomingPack[] {
  return chain.map((link) => ({
    name: link.object,
    objectCount: link.packObjects,
    bytes: link.packBytes,
    open: () => openPack(link, place, options),
  }));
}

async function* openPack(
  { object, bytes, sha256 }: Link,
  { storage, keys }: ChainPlace,
  { signal, onBytes }: ReadOptions,
): AsyncGenerator<Uint8Array> {
  try {
    const sealed = counted(await storage.get(object, { signal, expect: { bytes, sha256 } }), onBytes);
    yield* (await openBundle(openAge(sealed, keys.identity, object), object)).pack;
  } catch (error) {
    signal.throwIfAborted();
    throw asDamage(object, asAppError(error));
  }
}

async function* counted(source: AsyncIterable<Uint8Array>, onBytes: ReadOptions['onBytes']): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    yield piece;
    onBytes?.(piece.length);
  }
}
