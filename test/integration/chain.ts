import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bundleStream, openBundle, type BundleHeader } from '@gitprotect/agent/git/bundle';
import { fetchPack } from '@gitprotect/agent/git/fetch-pack';
import type { IncomingPack } from '@gitprotect/agent/git/index-packs';
import { listRefs, type RefListing } from '@gitprotect/agent/git/list-refs';
import { planFetch, type FetchPlan } from '@gitprotect/agent/git/plan-fetch';
import type { GitTransport, Dialect } from '@gitprotect/agent/git/transport';

type Listing = Extract<RefListing, { unchanged: false }>;

/** One bundle of a chain, as a file. */
export interface Link {
  readonly file: string;
  readonly objectCount: number;
  readonly bytes: number;
  readonly header: BundleHeader;
}

/** What a manifest would hold: the refs, and the chain that carries their objects. */
export interface Saved {
  readonly listing: Listing;
  readonly plan: FetchPlan;
  readonly links: readonly Link[];
}

/** A backup in its shortest form: list, plan, fetch, write a bundle beside the others in `folder`. */
export async function save(transport: GitTransport, folder: string, before?: Saved, dialect?: Dialect): Promise<Saved> {
  const { signal } = new AbortController();
  const listing = await listRefs(transport, { signal, dialect, objectFormat: before?.listing.objectFormat });
  if (listing.unchanged) throw new Error('nothing was expected');
  const plan = planFetch(before?.listing, listing);
  const links = before?.links ?? [];
  if (plan.wants.length === 0) return { listing, plan, links };
  const { objectFormat } = listing;
  await using pack = await fetchPack(transport, { ...plan, objectFormat, dialect: listing.dialect, signal });
  if (pack.objectCount === 0) return { listing, plan, links };
  const file = join(folder, `${links.length}.bundle`);
  await pipeline(Readable.from(bundleStream(plan.header, pack)), createWriteStream(file));
  return { listing, plan, links: [...links, { file, objectCount: pack.objectCount, bytes: pack.bytes, header: plan.header }] };
}

/** The packs inside the bundles. */
export function packsOf(links: readonly Link[]): IncomingPack[] {
  return links.map(({ file, objectCount, bytes }) => ({
    name: file,
    objectCount,
    bytes,
    async *open() {
      yield* (await openBundle(createReadStream(file), file)).pack;
    },
  }));
}
