import { formatCount } from '@gitprotect/shared/format';
import type { Outcome } from '@gitprotect/shared/run';
import type { Link, Manifest } from '../catalogue/manifest.ts';
import type { Continuation, ResolvedManifest, Taken } from '../catalogue/next-manifest.ts';
import { listRefs, type ListRefsOptions, type RefListing } from '../git/list-refs.ts';
import { compareRefs, massChange, planFetch, refsVanished, type FetchPlan } from '../git/plan-fetch.ts';
import type { RepoPlace } from '../storage/layout.ts';
import { newBase } from './chain.ts';
import { fetchBundle, type BundlePlace, type Fetched, type FetchParts } from './fetch-bundle.ts';
import type { FullFetch } from './full-fetch.ts';

type Listed = Extract<RefListing, { unchanged: false }>;
type RefCounts = Extract<Outcome, { state: 'saved' }>['refs'];

/** Git's part of a snapshot: what is new lies in storage. */
export interface SavedGit {
  /** `null`: git is as the last snapshot has it. */
  readonly kind: Exclude<Manifest['kind'], 'metadata-only'> | null;
  readonly links: readonly Link[];
  readonly chain: Link[];
  /** What the manifest says of it. */
  readonly recorded: Pick<Taken, 'objectFormat' | 'head' | 'refs' | 'listingHash' | 'shallow' | 'massChange'>;
  readonly counts: RefCounts;
  readonly warnings: readonly string[];
}

/** A repo whose list of refs is the one of the last snapshot. */
export function gitAsBefore({ manifest, refs }: ResolvedManifest): SavedGit {
  const { objectFormat, head, listingHash, shallow, chain } = manifest;
  return {
    kind: null,
    links: [],
    chain,
    recorded: { objectFormat, head, refs, listingHash, shallow, massChange: null },
    counts: { total: refs.size, added: 0, moved: 0, deleted: 0 },
    warnings: [],
  };
}

/** Where a fetch goes on from. */
export interface GitPlace {
  readonly full: FullFetch;
  readonly place: RepoPlace;
  readonly continuation: Continuation;
}

/** Compares a list of refs with the last snapshot's, and streams what is new into storage. */
export async function saveGit(listing: Listed, { full, place, continuation }: GitPlace, parts: FetchParts): Promise<SavedGit> {
  const { listed, warnings } = await doubted(listing, continuation, parts);
  const { before } = continuation;
  const base = baseOf(continuation, listed);
  const plan = planFetch(base && { refs: base.refs, head: base.manifest.head }, listed);
  const changes = compareRefs(before?.refs ?? new Map(), listed.refs);
  const quiet = changes.added.length + changes.moved.length + changes.deleted.length === 0 && !plan.headChanged;
  if (before !== undefined && base !== undefined && quiet) return gitAsBefore(before);

  const at: BundlePlace = { place, id: continuation.id };
  const fetched = base === undefined ? await full.fetch(listed, at, parts) : await fetchNew(plan, listed, at, parts);
  const { links } = fetched;
  const chain = [...(base?.manifest.chain ?? []), ...links];
  const shallow = [...new Set([...listed.shallow, ...fetched.shallow])];
  if (shallow.length > 0)
    warnings.push(`the server’s own history is cut off at ${formatCount(shallow.length, 'commit')}: older commits are not there to save`);
  const change = massChange(before?.refs ?? new Map(), listed.refs);
  if (change !== null && change.rewritten > 0)
    warnings.push(`${change.rewritten} of ${formatCount(change.refs, 'ref')} were rewritten since the last snapshot`);
  return {
    kind: links[0]?.kind ?? (chain.length > 0 ? 'refs-only' : 'empty'),
    links,
    chain,
    recorded: {
      objectFormat: listed.objectFormat,
      head: listed.head,
      refs: listed.refs,
      listingHash: listed.bodyHash,
      shallow,
      massChange: change,
    },
    counts: { total: listed.refs.size, added: changes.added.length, moved: changes.moved.length, deleted: changes.deleted.length },
    warnings,
  };
}

/** Asks for the list of refs, with whatever credential may. `avoid`: not with these, if there are others. */
export async function list(
  { access, line, signal }: FetchParts,
  known: Pick<ListRefsOptions, 'expect' | 'objectFormat'>,
  avoid: readonly string[] = [],
): Promise<RefListing> {
  const listing = await access.ask((transport) => listRefs(transport, { ...known, signal, dialect: line.dialect }), avoid);
  line.dialect = listing.dialect;
  return listing;
}

/** The list itself, whatever the last one was. */
export async function listWhole(
  parts: FetchParts,
  objectFormat: ListRefsOptions['objectFormat'],
  avoid?: readonly string[],
): Promise<Listed> {
  const listing = await list(parts, { objectFormat }, avoid);
  if (listing.unchanged) throw new TypeError('nothing was expected, and yet it is unchanged');
  return listing;
}

/** A list that lost most of its refs is asked for again, with another credential if there is one, and then believed with a warning. */
async function doubted(
  listed: Listed,
  { before, damage }: Continuation,
  parts: FetchParts,
): Promise<{ listed: Listed; warnings: string[] }> {
  const warnings = damage === null ? [] : [`the snapshot before this one cannot be read, so this one is full: ${damage}`];
  if (before === undefined || !refsVanished(before.refs, listed.refs)) return { listed, warnings };
  const second = await listWhole(parts, listed.objectFormat, parts.access.credentialIds);
  if (refsVanished(before.refs, second.refs)) {
    const gone = compareRefs(before.refs, second.refs).deleted.length;
    warnings.push(`${gone} of ${formatCount(before.refs.size, 'ref')} are gone since the last snapshot; that snapshot still restores them`);
  }
  return { listed: second, warnings };
}

/** The snapshot whose chain is added to; `undefined` when a new chain is due. */
function baseOf({ before }: Continuation, listed: Listed): Continuation['before'] {
  if (before === undefined || before.manifest.objectFormat !== listed.objectFormat) return undefined;
  return newBase(before.manifest.chain) === null ? before : undefined;
}

/** What came since the last snapshot, as at most one bundle. */
async function fetchNew(plan: FetchPlan, listed: Listed, at: BundlePlace, parts: FetchParts): Promise<Fetched> {
  if (plan.wants.length === 0) return { links: [], shallow: [] };
  const fetched = await fetchBundle({ plan, listed, kind: 'incremental' }, at, parts);
  return fetched.state === 'stored' ? { links: [fetched.link], shallow: fetched.shallow } : { links: [], shallow: [] };
}
