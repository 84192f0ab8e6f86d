import type { Link, Lost } from '../catalogue/manifest.ts';
import { sift } from '../git/sift.ts';
import type { KnownListing } from '../git/plan-fetch.ts';
import type { ObjectFormat } from '../git/object-id.ts';
import { fetchBundle, type BundlePlace, type FetchParts } from './fetch-bundle.ts';
import { answered, commitsOf, objectsAtOnce } from './salvage.ts';

/** Requests a run spends on what was lost before. */
const mostRequests = 40;

/** What came back of what was lost. */
export interface Recovered {
  readonly links: readonly Link[];
  /** Ids of objects and tips that are in the links. */
  readonly oids: ReadonlySet<string>;
  /** Commits where the server's history is cut off. */
  readonly shallow: readonly string[];
}

/** Asks once more for what a server had lost: somebody may have put it back from a copy. One request where nothing or all of it is there. */
export async function askAgain(
  lost: readonly Lost[],
  held: KnownListing,
  { at, parts, objectFormat }: { readonly at: BundlePlace; readonly parts: FetchParts; readonly objectFormat: ObjectFormat },
): Promise<Recovered> {
  const links: Link[] = [];
  const oids = new Set<string>();
  const shallow: string[] = [];
  for (const kind of ['object', 'ref'] as const) {
    const missing = [...new Set(lost.filter((one) => one.kind === kind).map(({ oid }) => oid))];
    const haves = kind === 'ref' ? commitsOf(held) : [];
    const { had } = await sift(missing, { largest: objectsAtOnce, requests: mostRequests }, async (wants) =>
      answered(
        wants,
        async () => {
          const header = { objectFormat, prerequisites: [], refs: [] };
          const wanted = { plan: { wants, haves, header }, listed: { objectFormat }, kind: 'incremental' } as const;
          const fetched = await fetchBundle(wanted, at, { ...parts, standalone: true });
          if (fetched.state !== 'stored') return;
          links.push(fetched.link);
          shallow.push(...fetched.shallow);
        },
        parts.signal,
      ),
    );
    for (const oid of had) oids.add(oid);
  }
  return { links, oids, shallow };
}
