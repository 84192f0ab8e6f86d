import { asAppError } from '@gitprotect/shared/errors';
import { asDamage } from '../catalogue/damage.ts';
import type { Link } from '../catalogue/manifest.ts';
import { openBundles, type RowBundle } from '../git/bundle-row.ts';
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
 * The packs inside a chain's bundles, in order, each to be read before the next is asked for. They are compared with what was once written:
 * one that is missing or changed throws `backup-damaged` with the object in `facts.object`, here or while its pack is read.
 */
export async function* chainPacks(chain: readonly Link[], place: ChainPlace, options: ReadOptions): AsyncGenerator<IncomingPack, void> {
  for await (const { link, pack, packBytes, packObjects } of chainBundles(chain, place, options))
    yield { name: link.object, objectCount: packObjects, bytes: packBytes, open: () => pack };
}

/** The bundles of a chain, as `chainPacks` reads them, each with the link of the object it lies in. */
export async function* chainBundles(
  chain: readonly Link[],
  place: ChainPlace,
  options: ReadOptions,
): AsyncGenerator<RowBundle & { readonly link: Link }, void> {
  for (const link of chain) for await (const bundle of bundlesIn(link, place, options)) yield { ...bundle, link };
}

async function* bundlesIn(
  { object, bytes, sha256, packBytes, packObjects }: Link,
  { storage, keys }: ChainPlace,
  { signal, onBytes }: ReadOptions,
): AsyncGenerator<RowBundle, void> {
  const named = async function* <T>(source: AsyncIterable<T>): AsyncGenerator<T, void> {
    try {
      yield* source;
    } catch (error) {
      signal.throwIfAborted();
      throw asDamage(object, asAppError(error));
    }
  };
  const bundles = async function* () {
    yield* openBundles(
      openAge(counted(await storage.get(object, { signal, expect: { bytes, sha256 } }), onBytes), keys.identity, object),
      object,
    );
  };
  for await (const { header, pack, counts } of named(bundles()))
    yield { header, pack: named(pack), ...(counts ?? { packBytes, packObjects }) };
}

async function* counted(source: AsyncIterable<Uint8Array>, onBytes: ReadOptions['onBytes']): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    yield piece;
    onBytes?.(piece.length);
  }
}
