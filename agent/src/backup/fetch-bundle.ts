import type { Link } from '../catalogue/manifest.ts';
import { bundleStream, type BundleHeader } from '../git/bundle.ts';
import { fetchPack } from '../git/fetch-pack.ts';
import type { PackStream } from '../git/pack-stream.ts';
import type { FetchPlan } from '../git/plan-fetch.ts';
import type { ListedRefs } from '../git/ref-listing.ts';
import { newBundleName, type RepoPlace } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import type { GitLine, RepoAccess } from './repo-access.ts';

/** What a fetch works with. `storage` seals what it writes. */
export interface FetchParts {
  readonly access: Pick<RepoAccess, 'ask' | 'credentialIds'>;
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
  readonly plan: Pick<FetchPlan, 'wants' | 'haves' | 'header'>;
  readonly listed: Pick<ListedRefs, 'objectFormat'>;
  readonly kind: Link['kind'];
  /** The most objects that are taken at once. */
  readonly most?: number | undefined;
}

/** What became of one fetch. `nothing`: the server had nothing that the chain does not hold. `too-many`: nothing was taken. */
export type OneFetch =
  | { readonly state: 'stored'; readonly link: Link; readonly shallow: readonly string[] }
  | { readonly state: 'nothing' }
  | { readonly state: 'too-many'; readonly objects: number };

/** Streams one fetch into storage as a bundle. */
export async function fetchBundle(
  { plan: { wants, haves, header }, listed: { objectFormat }, kind, most = Infinity }: Wanted,
  at: BundlePlace,
  parts: FetchParts,
): Promise<OneFetch> {
  const { access, line, signal, standalone, onBytes } = parts;
  return access.ask(async (transport) => {
    await using pack = await fetchPack(transport, { wants, haves, objectFormat, dialect: line.dialect, standalone, signal, onBytes });
    if (pack.objectCount > most) return { state: 'too-many', objects: pack.objectCount };
    return await storePack(pack, { header, kind }, at, parts);
  });
}

/** Streams a pack into storage as a bundle, if there is anything in it. */
export async function storePack(
  pack: PackStream,
  { header, kind }: { readonly header: BundleHeader; readonly kind: Link['kind'] },
  { place, id }: BundlePlace,
  { storage, signal }: Pick<FetchParts, 'storage' | 'signal'>,
): Promise<Exclude<OneFetch, { state: 'too-many' }>> {
  if (pack.objectCount === 0) return { state: 'nothing' };
  const object = newBundleName(place, id);
  const { bytes, sha256 } = await storage.put(object, bundleStream(header, pack), { signal });
  const { shallow, bytes: packBytes, objectCount: packObjects } = pack;
  const counts = { prerequisites: header.prerequisites.length, refsCount: header.refs.length };
  return { state: 'stored', link: { object, kind, bytes, sha256, packBytes, packObjects, ...counts }, shallow };
}
