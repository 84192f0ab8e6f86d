import type { Link } from '../../catalogue/manifest.ts';
import { rowStream, type RowBundle } from '../../git/bundle-row.ts';
import type { ObjectFormat } from '../../git/object-id.ts';
import { PackChecksum } from '../../git/pack.ts';
import { chainBundles, type ChainPlace } from '../../restore/chain-packs.ts';
import type { Storage } from '../../storage/storage.ts';

/** Where merged objects go: `storage` and `keys` read, `sealed` writes. */
export interface MergePlace extends ChainPlace {
  readonly sealed: Storage;
}

/**
 * Writes the bundles of neighbours in a chain into one object, in one pass: sizes, hashes and the trailer of each pack are checked on the way,
 * and once more when the result is read back.
 * @throws AppError `backup-damaged` naming the object at fault
 */
export async function mergeBundles(neighbours: readonly Link[], object: string, place: MergePlace, signal: AbortSignal): Promise<Link> {
  const stored = await place.sealed.put(object, rowStream(checked(neighbours, place, signal)), { signal });
  const sum = (of: (link: Link) => number): number => neighbours.reduce((total, link) => total + of(link), 0);
  const merged: Link = {
    object,
    kind: neighbours[0]?.kind ?? 'incremental',
    ...stored,
    packBytes: sum(({ packBytes }) => packBytes),
    packObjects: sum(({ packObjects }) => packObjects),
    prerequisites: sum(({ prerequisites }) => prerequisites),
    refsCount: sum(({ refsCount }) => refsCount),
  };
  for await (const { pack } of checked([merged], place, signal)) for await (const _ of pack);
  return merged;
}

async function* checked(chain: readonly Link[], place: MergePlace, signal: AbortSignal): AsyncGenerator<RowBundle, void> {
  for await (const bundle of chainBundles(chain, place, { signal }))
    yield { ...bundle, pack: withTrailer(bundle.pack, bundle.header.objectFormat, bundle.link.object) };
}

/** A pack as it comes, compared with its own trailer at its end. */
async function* withTrailer(pack: AsyncIterable<Uint8Array>, format: ObjectFormat, object: string): AsyncGenerator<Uint8Array, void> {
  const checksum = new PackChecksum(format);
  for await (const piece of pack) {
    checksum.update(piece);
    yield piece;
  }
  checksum.verify(object);
}
