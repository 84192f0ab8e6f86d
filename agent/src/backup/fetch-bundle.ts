import type { Link } from '../catalogue/manifest.ts';
import { bundleStream } from '../git/bundle.ts';
import { fetchPack } from '../git/fetch-pack.ts';
import type { FetchPlan } from '../git/plan-fetch.ts';
import type { ListedRefs } from '../git/ref-listing.ts';
import { newBundleName, type RepoPlace } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import type { GitLine, RepoAccess } from './repo-access.ts';

/** What a fetch works with. `storage` seals what it writes. */
export interface FetchParts {
  readonly access: RepoAccess;
  readonly line: GitLine;
  readonly storage: Storage;
  readonly signal: AbortSignal;
  /** Asks for bundles that can be read without older ones. */
  readonly standalone?: boolean | undefined;
  /** Told the pack bytes received so far. */
  readonly onBytes: (total: number) => void;
}

/** Of which snapshot a bundle will be. */
export interface BundlePlace {
  readonly place: RepoPlace;
  /** The snapshot's id. */
  readonly id: string;
}

/** Bundles that lie in storage, and commits where the server's history is cut off. */
export interface Fetched {
  readonly links: readonly Link[];
  readonly shallow: readonly string[];
}

interface Wanted {
  readonly plan: FetchPlan;
  readonly listed: Pick<ListedRefs, 'objectFormat'>;
  readonly kind: Link['kind'];
}

/** Streams one fetch into storage as a bundle. `link` is `null` when the server had nothing that the chain does not hold. */
export async function fetchBundle(
  { plan: { wants, haves, header }, listed: { objectFormat }, kind }: Wanted,
  { place, id }: BundlePlace,
  { access, line, storage, signal, standalone, onBytes }: FetchParts,
): Promise<{ readonly link: Link | null; readonly shallow: readonly string[] }> {
  return access.ask(async (transport) => {
    await using pack = await fetchPack(transport, { wants, haves, objectFormat, dialect: line.dialect, standalone, signal, onBytes });
    if (pack.objectCount === 0) return { link: null, shallow: [] };
    const object = newBundleName(place, id);
    const { bytes, sha256 } = await storage.put(object, bundleStream(header, pack), { signal });
    const { shallow, bytes: packBytes, objectCount: packObjects } = pack;
    const counts = { prerequisites: header.prerequisites.length, refsCount: header.refs.length };
    return { link: { object, kind, bytes, sha256, packBytes, packObjects, ...counts }, shallow };
  });
}
