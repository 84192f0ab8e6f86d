import { asAppError } from '@gitprotect/shared/errors';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { idOf, type LeansOn, type Link } from '../catalogue/manifest.ts';
import type { ResolvedManifest } from '../catalogue/next-manifest.ts';
import { fetchPack, negotiate } from '../git/fetch-pack.ts';
import { planForkFetch } from '../git/plan-fetch.ts';
import { type ListedRefs, tipsOf } from '../git/ref-listing.ts';
import type { RepoPlace } from '../storage/layout.ts';
import { storePack, type BundlePlace, type FetchParts } from './fetch-bundle.ts';

/** Below this many sealed bytes a repo is stored once more sooner than made to depend on another. */
const worthLeaning = 1_000_000;
/** After so many attempts that broke off the fork is taken as a repo of its own, which can go in pieces. */
const mostTries = 2;

/** The beginning of a fork's chain that leans on another repo's snapshot. */
export interface Leaned {
  readonly on: LeansOn;
  /** The chain of that snapshot. */
  readonly under: Link[];
  /** What the fork has beside it: at most one. */
  readonly links: readonly Link[];
}

/**
 * A fork's full backup as what it adds to the repo it comes from, over all attempts of its job. Only what its own server says to have in common is
 * counted on: one that shares no objects between forks, or does not tell, leaves nothing to lean on.
 */
export class Leaning {
  readonly #origin: RepoPlace | null;
  readonly #catalogue: Pick<Catalogue, 'prepare'>;
  #tries = 0;

  /** @param origin the repo it comes from, if the same run backs that up into the same storage */
  constructor(origin: RepoPlace | null, catalogue: Pick<Catalogue, 'prepare'>) {
    this.#origin = origin;
    this.#catalogue = catalogue;
  }

  /** Fetches what the fork adds; `null` where it is to be taken as a repo of its own. Rejects as `fetchBundle` does. */
  async fetch(listed: ListedRefs, at: BundlePlace, parts: FetchParts): Promise<Leaned | null> {
    const origin = this.#origin;
    // What has no refs has nothing in common with anybody.
    if (origin === null || this.#tries === mostTries || tipsOf(listed).length === 0) return null;
    const footing = await this.#footing(origin, parts);
    if (footing === null) return null;
    const { manifest, sha256, refs } = footing;
    const { chain: under, head, objectFormat } = manifest;
    if (objectFormat !== listed.objectFormat || sumOf(under) < worthLeaning) return null;
    this.#tries += 1;
    const on: LeansOn = { repoId: origin.repoId, id: idOf(manifest), sha256 };
    const plan = planForkFetch({ refs, head }, listed);
    if (plan.wants.length === 0) return { on, under, links: [] };
    try {
      const links = await fetchBeyond(plan, listed, at, parts);
      return links === null ? null : { on, under, links };
    } catch (error) {
      // What a damaged server still gives is put together by those who know how, and stands alone.
      if (asAppError(error).code === 'git-damaged') return null;
      throw error;
    }
  }

  /**
   * The last snapshot of the origin, if a fork's may lean on it: it is whole, stands alone, and all it needs is there. As the last one it is not about
   * to be pruned, nor will it be within the days of grace, which are longer than any backup takes.
   */
  async #footing(origin: RepoPlace, { storage, signal }: FetchParts): Promise<ResolvedManifest | null> {
    const { before } = await this.#catalogue.prepare(origin, { signal });
    if (before === undefined) return null;
    const { leansOn, chain, shallow, lost } = before.manifest;
    if (leansOn !== null || chain.length === 0 || shallow.length > 0 || lost.length > 0) return null;
    for (const { object, bytes } of chain) if ((await storage.stat(object))?.bytes !== bytes) return null;
    return before;
  }
}

/** What the fork has beyond the other repo's tips; `null` where its server says that it has none of these. */
async function fetchBeyond(
  { wants, offers }: ReturnType<typeof planForkFetch>,
  { objectFormat, refs, head }: ListedRefs,
  at: BundlePlace,
  parts: FetchParts,
): Promise<readonly Link[] | null> {
  const { access, line, signal, standalone, onBytes } = parts;
  return access.ask(async (transport) => {
    const request = { wants, haves: offers, objectFormat, dialect: line.dialect, standalone, signal, onBytes };
    const { common, pack: sent } = await negotiate(transport, request);
    if (common.length === 0) return null;
    await using pack = sent ?? (await fetchPack(transport, { ...request, haves: common }));
    // A cut history would have to be one with that of the other repo.
    if (pack.shallow.length > 0) return null;
    const wanted = new Set(wants);
    const named = [...refs].filter(([, { oid }]) => wanted.has(oid)).map(([name, { oid }]) => [name, oid] as const);
    const header = {
      objectFormat,
      prerequisites: common,
      refs: head.oid !== undefined && wanted.has(head.oid) ? [...named, ['HEAD', head.oid] as const] : named,
    };
    const stored = await storePack(pack, { header, kind: 'incremental' }, at, parts);
    return stored.state === 'stored' ? [stored.link] : [];
  });
}

function sumOf(links: readonly Pick<Link, 'bytes'>[]): number {
  return links.reduce((sum, { bytes }) => sum + bytes, 0);
}
