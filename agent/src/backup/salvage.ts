import { AppError, asAppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import type { Link, Lost } from '../catalogue/manifest.ts';
import { bundleStream } from '../git/bundle.ts';
import { fetchFeatures } from '../git/fetch-features.ts';
import { fetchPack } from '../git/fetch-pack.ts';
import { readPackHeader } from '../git/pack.ts';
import { planFetch, type KnownListing } from '../git/plan-fetch.ts';
import { tipsOf, type ListedRefs } from '../git/ref-listing.ts';
import { ScratchRepo } from '../git/scratch-repo.ts';
import { sift, type Answer } from '../git/sift.ts';
import { newBundleName } from '../storage/layout.ts';
import { chainPacks } from '../restore/chain-packs.ts';
import type { BundlePlace, FetchParts } from './fetch-bundle.ts';
import type { ScanPlace } from './lfs/scan.ts';
import { obtainable } from './loss.ts';

/** The chain a salvage adds to: what its links hold, and where that was cut off on the server. */
export interface HeldChain extends KnownListing {
  readonly links: readonly Link[];
  readonly shallow: readonly string[];
}

/** What could be had of a repo that the server itself cannot read whole. */
export interface Salvaged {
  /** At most one. */
  readonly links: readonly Link[];
  /** The listing as far as it could be had. */
  readonly listed: ListedRefs;
  readonly lost: readonly Lost[];
  /** Of the chain and what was added. */
  readonly shallow: readonly string[];
}

export interface SalvageParts {
  readonly at: BundlePlace;
  readonly parts: FetchParts;
  readonly readBack: ScanPlace;
  /** What the server said to the plain fetch. */
  readonly refusal: unknown;
}

/** Tips in one request. */
const tipsAtOnce = 1000;
/** Objects in one request: some 200 kB of it. */
export const objectsAtOnce = 4000;
/** Requests for tips, and for objects. What they do not suffice for is asked for by the next run. */
const mostRequests = 400;
/** Old tips to name, so that the server need not read what the chain has: it may be among the lost. */
const mostHaves = 20_000;

/**
 * Fetches what is left of a damaged repo into one bundle. Where the server can leave blobs out, history comes first, and then the blobs in groups
 * that are halved until the lost ones are known by name. Where it cannot, the refs are halved: those behind which something is lost are out of
 * reach. All is put together in a scratch repo, which also tells exactly what is missing.
 * @throws AppError `git-damaged` when nothing of what is new can be had; the refusal itself where refs merely move all the time
 */
export async function salvage(
  listed: ListedRefs,
  held: HeldChain | undefined,
  { at, parts, readBack, refusal }: SalvageParts,
): Promise<Salvaged> {
  const { access, signal } = parts;
  const { objectFormat } = listed;
  const features = await access.ask((transport) => fetchFeatures(transport, signal));
  const filter = features.has('filter') ? 'blob:none' : undefined;
  await using scratch = await ScratchRepo.make(
    readBack.scratch,
    chainPacks(held?.links ?? [], readBack, { signal }),
    objectFormat,
    readBack.host,
  );
  const shallow = new Set<string>(held?.shallow);
  const ask = async (wants: readonly string[], more: { readonly haves?: readonly string[]; readonly filter?: string | undefined }) =>
    access.ask(async (transport) => {
      const request = { wants, haves: [], objectFormat, dialect: parts.line.dialect, signal, onBytes: parts.onBytes, ...more };
      await using pack = await fetchPack(transport, request);
      if (pack.objectCount > 0) await scratch.take(pack);
      for (const oid of pack.shallow) shallow.add(oid);
    });

  const { wants } = planFetch(held, listed);
  const haves = commitsOf(held);
  const tips = await sift(wants, { largest: tipsAtOnce, requests: mostRequests }, async (group) =>
    answered(group, () => ask(group, { haves, filter }), signal),
  );
  if (tips.had.length === 0 && wants.length > 0) throw asAppError(refusal).code === 'git-moved' ? refusal : nothingLeft(wants.length);
  const had = obtainable(listed, new Set([...tips.lost, ...tips.unasked]), held);
  const all = tipsOf(had.listed);
  const missing = await scratch.missing(all);
  const objects = await sift(missing, { largest: objectsAtOnce, requests: mostRequests }, async (group) =>
    answered(group, () => ask(group, {}), signal),
  );
  const lost = objects.had.length === 0 ? missing : await scratch.missing(all);
  const paths = await scratch.paths(new Set(lost), all);
  return {
    links: scratch.taken === 0 ? [] : [await store(scratch, { listed: had.listed, held, at }, parts)],
    listed: had.listed,
    lost: [...lost.map((oid): Lost => ({ oid, kind: 'object', name: paths.get(oid) ?? null })), ...had.lost],
    shallow: [...shallow],
  };
}

/** A git that dies over a damaged object may also just stop in the middle. */
const refusals: ReadonlySet<string> = new Set(['git-damaged', 'git-moved', 'git-refused', 'git-cut-stream']);

/** What a server's answer to a group says. What has nothing to do with the repo is thrown. */
export async function answered(group: readonly string[], ask: () => Promise<void>, signal: AbortSignal): Promise<Answer<string>> {
  try {
    // A connection that broke off by itself must not make a lost object of one that was asked for alone.
    await (group.length > 1 ? ask() : ask().catch((error: unknown) => (isCut(error) ? ask() : Promise.reject(error))));
    return 'had';
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError) || !refusals.has(error.code)) throw error;
    const { oid } = error.facts;
    if (typeof oid === 'string' && group.includes(oid)) return { without: oid };
    return 'refused';
  }
}

const isCut = (error: unknown): boolean => error instanceof AppError && error.code === 'git-cut-stream';

/** Commits that the chain has; a tag's own id or a blob among them would not hurt, but says nothing. */
export function commitsOf(held: KnownListing | undefined): string[] {
  const commits = [...(held?.refs.values() ?? [])].map(({ oid, peeled }) => peeled ?? oid);
  return [...new Set(commits)].slice(-mostHaves);
}

/** Streams what is in the scratch repo and not in the chain into storage. */
async function store(
  scratch: ScratchRepo,
  { listed, held, at }: { readonly listed: ListedRefs; readonly held: HeldChain | undefined; readonly at: BundlePlace },
  { storage, signal }: FetchParts,
): Promise<Link> {
  const { header } = planFetch(held, listed);
  const object = newBundleName(at.place, at.id);
  const pack = { bytes: 0, objects: 0 };
  const counted = async function* (): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of scratch.pack()) {
      if (pack.bytes === 0) pack.objects = readPackHeader(Buffer.from(chunk), object);
      pack.bytes += chunk.length;
      yield chunk;
    }
  };
  const { bytes, sha256 } = await storage.put(object, bundleStream(header, counted()), { signal });
  const counts = { prerequisites: header.prerequisites.length, refsCount: header.refs.length };
  return {
    object,
    kind: held === undefined ? 'full' : 'incremental',
    bytes,
    sha256,
    packBytes: pack.bytes,
    packObjects: pack.objects,
    ...counts,
  };
}

function nothingLeft(wants: number): AppError {
  return new AppError('git-damaged', `the server cannot read what ${formatCount(wants, 'new ref')} of this repository name`, {
    remedy:
      'the repository is damaged on the server: run "git fsck" there, and put back from a copy, or from the last snapshot, what is missing',
  });
}
