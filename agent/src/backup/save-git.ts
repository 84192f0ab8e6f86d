import { asAppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import type { Outcome } from '@gitprotect/shared/run';
import type { Link, Lost, Manifest } from '../catalogue/manifest.ts';
import type { Continuation, ResolvedManifest, Taken } from '../catalogue/next-manifest.ts';
import { compareRefs, massChange, planFetch } from '../git/plan-fetch.ts';
import type { RepoPlace } from '../storage/layout.ts';
import { askAgain } from './ask-again.ts';
import { newBase } from './chain.ts';
import { isDeeper, wordsOfCut } from './cut-history.ts';
import type { Doubt } from './doubt.ts';
import { fetchBundle, type BundlePlace, type FetchParts } from './fetch-bundle.ts';
import type { FullFetch } from './full-fetch.ts';
import type { Leaning } from './leaning.ts';
import type { ScanPlace } from './lfs/scan.ts';
import { doubted, type Listed } from './list.ts';
import { obtainable, wordsOfLoss } from './loss.ts';
import { salvage, type HeldChain, type Salvaged } from './salvage.ts';

type RefCounts = Extract<Outcome, { state: 'saved' }>['refs'];

/** Git's part of a snapshot: what is new lies in storage. */
export interface SavedGit {
  /** `null`: git is as the last snapshot has it. */
  readonly kind: Exclude<Manifest['kind'], 'metadata-only'> | null;
  readonly links: readonly Link[];
  readonly chain: Link[];
  /** What the manifest says of it. */
  readonly recorded: Pick<Taken, 'objectFormat' | 'head' | 'refs' | 'leansOn' | 'listingHash' | 'shallow' | 'lost' | 'massChange'>;
  readonly counts: RefCounts;
  readonly warnings: readonly string[];
}

/** A repo that is as the last snapshot has it. */
export function gitAsBefore({ manifest, refs }: ResolvedManifest): SavedGit {
  const { objectFormat, head, leansOn, listingHash, shallow, chain, lost } = manifest;
  return {
    kind: null,
    links: [],
    chain,
    recorded: { objectFormat, head, refs, leansOn, listingHash, shallow, lost, massChange: null },
    counts: { total: refs.size, added: 0, moved: 0, deleted: 0 },
    warnings: [...wordsOfCut(shallow), ...wordsOfLoss(lost)],
  };
}

/** Where a fetch goes on from, over all attempts of a job. */
export interface GitPlace {
  readonly full: FullFetch;
  readonly leaning: Leaning;
  readonly doubt: Doubt;
  readonly place: RepoPlace;
  readonly continuation: Continuation;
  /** How a chain is read back, where the server's own repo is damaged. */
  readonly readBack: ScanPlace;
}

/** Compares a list of refs with the last snapshot's, and streams what is new into storage. */
export async function saveGit(listing: Listed, place: GitPlace, parts: FetchParts): Promise<SavedGit> {
  const { before } = place.continuation;
  const { listed, warnings } = await doubted(listing, place.continuation, parts);
  const usable = before?.manifest.objectFormat === listed.objectFormat && before.manifest.chain.length > 0 ? before : undefined;
  if (usable === undefined) return startAnew({ listed, warnings }, true, place, parts);
  if (!(await isGivenUp(usable.manifest, listed, place, parts))) return addTo(usable, { listed, warnings }, place, parts);
  try {
    return await startAnew({ listed, warnings }, false, place, parts);
  } catch (error) {
    if (asAppError(error).code !== 'git-damaged') throw error;
    const kept =
      'the server cannot give this repository as a whole any more: backups go on from those there are; "git fsck" on the server says more';
    return addTo(usable, { listed, warnings: [...warnings, kept] }, place, parts);
  }
}

/** Whether a chain gives way to a new one, if the server can give it. */
async function isGivenUp({ chain, shallow, lost }: Manifest, listed: Listed, place: GitPlace, parts: FetchParts): Promise<boolean> {
  // A chain may hold what the server has lost by now: it is never given up for what a damaged server can give.
  if (lost.length > 0) return false;
  return newBase(chain, place.continuation.packs) !== null || isDeeper(shallow, listed, parts);
}

/** A listing that is believed, and what to say of it. */
interface Believed {
  readonly listed: Listed;
  readonly warnings: readonly string[];
}

/** A new chain: everything the refs reach, or of a fork what it adds to the repo it comes from. */
async function startAnew(believed: Believed, mayBeSalvage: boolean, place: GitPlace, parts: FetchParts): Promise<SavedGit> {
  const { full, leaning, doubt, continuation, readBack } = place;
  const { listed } = believed;
  const at: BundlePlace = { place: place.place, id: continuation.id };
  const leaned = listed.shallow.length > 0 ? null : await leaning.fetch(listed, at, parts);
  if (leaned !== null) {
    const { on, under, links } = leaned;
    return saved({ chain: under, leansOn: on, begins: true }, { links, listed, lost: [], shallow: [] }, believed, continuation);
  }
  let got: Salvaged;
  try {
    got = { ...(await full.fetch(listed, at, parts)), listed, lost: [] };
  } catch (error) {
    if (!mayBeSalvage || !doubt.isDamage(error)) throw error;
    const held = await full.held(listed, at, parts);
    const salvaged = await salvage(listed, held, { at, parts, readBack, refusal: error });
    got = { ...salvaged, links: [...(held?.links ?? []), ...salvaged.links] };
  }
  return saved({ chain: [], leansOn: null, begins: true }, got, believed, continuation);
}

/** What came since the last snapshot, and what could not be had then. */
async function addTo(base: ResolvedManifest, believed: Believed, place: GitPlace, parts: FetchParts): Promise<SavedGit> {
  const { doubt, continuation, readBack } = place;
  const at: BundlePlace = { place: place.place, id: continuation.id };
  const { chain, leansOn, head, lost: lostBefore, objectFormat } = base.manifest;
  const held = { refs: base.refs, head };
  const back = await askAgain(stillWanted(lostBefore, believed.listed), held, { at, parts, objectFormat });
  const lost = stillWanted(lostBefore, believed.listed).filter(({ oid }) => !back.oids.has(oid));
  const out = new Set(lost.filter(({ kind }) => kind === 'ref').map(({ oid }) => oid));
  const reach = obtainable(believed.listed, out, held);
  const plan = planFetch(held, reach.listed, back.oids);
  const { added, moved, deleted } = plan.changes;
  if (added.length + moved.length + deleted.length === 0 && !plan.headChanged && back.oids.size === 0) return gitAsBefore(base);

  // What the chain has ends there, whatever the server sends with this fetch.
  const cutBefore = [...base.manifest.shallow, ...back.shallow];
  const lostObjects = lost.filter(({ kind }) => kind === 'object');
  let got: Salvaged;
  try {
    const fetched = plan.wants.length === 0 ? null : await fetchBundle({ plan, listed: reach.listed, kind: 'incremental' }, at, parts);
    const { links, shallow } =
      fetched?.state === 'stored' ? { links: [fetched.link], shallow: fetched.shallow } : { links: [], shallow: [] };
    got = { links, shallow: [...cutBefore, ...shallow], listed: reach.listed, lost: [...lostObjects, ...reach.lost] };
  } catch (error) {
    if (!doubt.isDamage(error)) throw error;
    const heldNow: HeldChain = { ...held, links: [...chain, ...back.links], shallow: cutBefore };
    const salvaged = await salvage(reach.listed, heldNow, { at, parts, readBack, refusal: error });
    got = { ...salvaged, lost: [...salvaged.lost, ...reach.lost] };
  }
  return saved({ chain, leansOn, begins: false }, { ...got, links: [...back.links, ...got.links] }, believed, continuation);
}

/** Of what was lost, all objects, as the history names them still, and the refs that still name the same. */
function stillWanted(lost: readonly Lost[], { refs }: Listed): Lost[] {
  return lost.filter(({ kind, oid, name }) => kind === 'object' || (name !== null && refs.get(name)?.oid === oid));
}

/** What new links are added to. `begins`: nothing of the repo's own is among it. */
interface Ground extends Pick<Manifest, 'chain' | 'leansOn'> {
  readonly begins: boolean;
}

function saved(ground: Readonly<Ground>, got: Salvaged, { listed: all, warnings }: Believed, { before }: Continuation): SavedGit {
  const { listed, links, lost } = got;
  const changes = compareRefs(before?.refs ?? new Map(), listed.refs);
  const chain = [...ground.chain, ...links];
  const shallow = [...new Set([...listed.shallow, ...got.shallow])];
  const change = massChange(before?.refs ?? new Map(), listed.refs);
  const rewritten =
    change === null || change.rewritten === 0
      ? []
      : [`${change.rewritten} of ${formatCount(change.refs, 'ref')} were rewritten since the last snapshot`];
  return {
    kind: chain.length === 0 ? 'empty' : ground.begins ? 'full' : links.length > 0 ? 'incremental' : 'refs-only',
    links,
    chain,
    recorded: {
      objectFormat: listed.objectFormat,
      head: listed.head,
      refs: listed.refs,
      leansOn: ground.leansOn,
      // The next run is to ask for what is lost, whether anything changed or not.
      listingHash: lost.length > 0 ? null : all.bodyHash,
      shallow,
      lost: [...lost],
      massChange: change,
    },
    counts: { total: listed.refs.size, added: changes.added.length, moved: changes.moved.length, deleted: changes.deleted.length },
    warnings: [...warnings, ...wordsOfCut(shallow), ...rewritten, ...wordsOfLoss(lost)],
  };
}
