import type { Link } from '../catalogue/manifest.ts';
import { growingListings } from '../git/pieces.ts';
import { planFetch, type KnownListing } from '../git/plan-fetch.ts';
import type { ListedRefs } from '../git/ref-listing.ts';
import { fetchBundle, type BundlePlace, type Fetched, type FetchParts } from './fetch-bundle.ts';

/** A fetch that breaks off after more than this is made again in pieces: no git client can resume one. */
const worthPieces = 64 * 1024 * 1024;
const pieces = 8;

/**
 * A repo's full backup, over all attempts of its job. The first attempt asks for everything at once; when that breaks off far along, the next
 * ones go from older tips to newer, and what has arrived stays: a cut then costs one piece. Refs are published with the last piece only.
 */
export class FullFetch {
  #inPieces = false;
  #received = 0;
  #linksBefore = 0;
  #links: Link[] = [];
  #shallow: readonly string[] = [];
  /** What the links hold so far. */
  #held: KnownListing | undefined;

  /** Fetches what is not here yet. Rejects as `fetchBundle` does; call it again to go on. */
  async fetch(listed: ListedRefs, at: BundlePlace, parts: FetchParts): Promise<Fetched> {
    this.#received = 0;
    this.#linksBefore = this.#links.length;
    for (const step of growingListings(listed, this.#inPieces ? pieces : 1)) {
      const plan = planFetch(this.#held, step);
      // Nothing to ask for: an attempt before this one has it.
      if (plan.wants.length === 0) continue;
      const kind = this.#links.length === 0 ? 'full' : 'incremental';
      const onBytes = (total: number) => {
        this.#received = Math.max(this.#received, total);
        parts.onBytes(total);
      };
      const { link, shallow } = await fetchBundle({ plan, listed, kind }, at, { ...parts, onBytes });
      if (link !== null) this.#links.push(link);
      this.#shallow = [...this.#shallow, ...shallow];
      this.#held = { refs: step.refs, head: step.head };
    }
    return { links: this.#links, shallow: this.#shallow };
  }

  /** Told that an attempt failed: whether it got so far that the next one counts as the first again. */
  wasCut(): boolean {
    const inPieces = this.#received > worthPieces;
    const news = this.#links.length > this.#linksBefore || (inPieces && !this.#inPieces);
    this.#inPieces ||= inPieces;
    this.#linksBefore = this.#links.length;
    this.#received = 0;
    return news;
  }
}
