import type { UnfinishedFull, UnfinishedFulls } from '../catalogue/unfinished.ts';
import { readRefLine, refLine } from '../catalogue/refs.ts';
import { growingListings, piecesFor, wholeObjects } from '../git/pieces.ts';
import { planFetch, type KnownListing } from '../git/plan-fetch.ts';
import type { ListedRefs } from '../git/ref-listing.ts';
import { fetchBundle, type BundlePlace, type Fetched, type FetchParts } from './fetch-bundle.ts';
import type { HeldChain } from './salvage.ts';

/** An attempt that got further than this and came to no end is made again in pieces: no git client can resume one. */
const worthPieces = 64 * 1024 * 1024;
/** What is smaller is fetched again sooner than written down. */
const worthNoting = 1024 * 1024;

/**
 * A repo's full backup, over all attempts of its job and, as it is written down, over all runs: also over a process that was killed. The first
 * attempt asks for everything at once, unless the server says that this is a huge lot; when it breaks off far along, the next one goes from older
 * tips to newer. What has arrived stays: a cut then costs one piece. Refs are published with the last piece only.
 */
export class FullFetch {
  readonly #unfinished: UnfinishedFulls;
  readonly #most: number;
  #progressed = false;

  /** @param most objects that are taken at once */
  constructor(unfinished: UnfinishedFulls, most = wholeObjects) {
    this.#unfinished = unfinished;
    this.#most = most;
  }

  /** Fetches what is not here yet. Rejects as `fetchBundle` does; call it again to go on. */
  async fetch(listed: ListedRefs, at: BundlePlace, parts: FetchParts): Promise<Fetched> {
    let soFar = await this.#soFar(listed, at, parts);
    for (const step of growingListings(listed, soFar.pieces)) {
      const plan = planFetch(heldBy(soFar), step);
      // Nothing to ask for: an attempt before this one has it.
      if (plan.wants.length === 0) continue;
      const watched = this.#watched(soFar, at, parts);
      const kind = soFar.links.length === 0 ? 'full' : 'incremental';
      const most = soFar.pieces === 1 ? this.#most : undefined;
      const fetched = await fetchBundle({ plan, listed, kind, most }, at, watched.parts).finally(() => watched.noted());
      if (fetched.state === 'too-many') {
        await this.#note(at, { ...soFar, pieces: piecesFor(fetched.objects) });
        return this.fetch(listed, at, parts);
      }
      if (fetched.state === 'stored') {
        const { link, shallow } = fetched;
        soFar = { ...soFar, links: [...soFar.links, link], shallow: [...soFar.shallow, ...shallow] };
      }
      soFar = { ...soFar, refs: Array.from(step.refs, ([name, target]) => refLine(name, target)), head: step.head };
      if (soFar.pieces > 1 || sizeOf(soFar) > worthNoting) await this.#note(at, soFar);
    }
    return { links: soFar.links, shallow: soFar.shallow };
  }

  /** What is here of it already; `undefined` for nothing. */
  async held(listed: ListedRefs, at: BundlePlace, parts: FetchParts): Promise<HeldChain | undefined> {
    const soFar = await this.#soFar(listed, at, parts);
    const held = heldBy(soFar);
    return held && { ...held, links: soFar.links, shallow: soFar.shallow };
  }

  /** Told that an attempt failed: whether it got so far that the next one counts as the first again. */
  progressed(): boolean {
    const progressed = this.#progressed;
    this.#progressed = false;
    return progressed;
  }

  async #soFar({ objectFormat }: ListedRefs, { place, id }: BundlePlace, { storage }: FetchParts): Promise<UnfinishedFull> {
    const found = await this.#unfinished.find(place, id);
    const sizes = await Promise.all((found?.links ?? []).map(async (link) => (await storage.stat(link.object))?.bytes === link.bytes));
    if (found !== undefined && found.objectFormat === objectFormat && sizes.every(Boolean)) return found;
    return { snapshotId: id, objectFormat, pieces: 1, links: [], refs: [], head: {}, shallow: [] };
  }

  async #note({ place }: BundlePlace, unfinished: UnfinishedFull): Promise<void> {
    await this.#unfinished.note(place, unfinished);
    this.#progressed = true;
  }

  /** The parts of one fetch that counts on from what is here, and says by a note that it got far. `noted` resolves when that is written. */
  #watched(soFar: UnfinishedFull, at: BundlePlace, parts: FetchParts): { readonly parts: FetchParts; readonly noted: () => Promise<void> } {
    const before = sizeOf(soFar);
    let noting: Promise<void> | undefined;
    const onBytes = (total: number): void => {
      parts.onBytes(before + total);
      if (total > worthPieces && soFar.pieces === 1) noting ??= this.#note(at, { ...soFar, pieces: piecesFor(0) });
    };
    return { parts: { ...parts, onBytes }, noted: async () => noting };
  }
}

/** Pack bytes that are here. */
function sizeOf({ links }: UnfinishedFull): number {
  return links.reduce((sum, { packBytes }) => sum + packBytes, 0);
}

function heldBy({ links, refs, head }: UnfinishedFull): KnownListing | undefined {
  if (links.length === 0) return undefined;
  return { refs: new Map(refs.map(readRefLine).filter((one) => one !== undefined)), head };
}
