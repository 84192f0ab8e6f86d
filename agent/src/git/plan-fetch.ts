import type { MassChange } from '@gitprotect/shared/snapshot';
import type { BundleHeader } from './bundle.ts';
import type { ListedRefs, Refs, RefTarget } from './ref-listing.ts';

/** What differs between two listings, by ref name. HEAD is not counted among them. */
export interface RefChanges {
  readonly added: readonly string[];
  readonly moved: readonly string[];
  readonly deleted: readonly string[];
}

/** What to ask the server for, and what to write before the answer. */
export interface FetchPlan {
  readonly changes: RefChanges;
  /** HEAD names another branch or commit than before. */
  readonly headChanged: boolean;
  /** Objects to ask for. Empty: the chain holds everything already, a new manifest is all there is to write. */
  readonly wants: readonly string[];
  readonly haves: readonly string[];
  readonly header: BundleHeader;
}

/** A listing as a manifest remembers it. */
export type KnownListing = Pick<ListedRefs, 'refs' | 'head'>;

/** Refs that are commits by git's or Bitbucket's own rules; a tag, or a ref of somebody's invention, may be a tree or a blob. */
const commitRefs = /^refs\/(?:heads|pull-requests|notes)\//;

/** Everything reachable from a snapshot's refs is in its chain: their object ids, peeled ones too. */
function idsIn(refs: Refs): Set<string> {
  const tips = new Set<string>();
  for (const { oid, peeled } of refs.values()) {
    tips.add(oid);
    if (peeled !== undefined) tips.add(peeled);
  }
  return tips;
}

/** What refs stand for in the end, each once. */
function peeledOnce(targets: readonly Partial<RefTarget>[]): string[] {
  return [...new Set(targets.map(({ oid, peeled }) => peeled ?? oid))].filter((oid) => oid !== undefined);
}

/** Compares two lists of refs. */
export function compareRefs(before: Refs, after: Refs): RefChanges {
  const names = [...after.keys()];
  return {
    added: names.filter((name) => !before.has(name)),
    moved: names.filter((name) => before.has(name) && before.get(name)?.oid !== after.get(name)?.oid),
    deleted: [...before.keys()].filter((name) => !after.has(name)),
  };
}

/** Enough common ground for a repo without HEAD or without branches, and few enough for a small request. */
const fallback = 256;

/** HEAD's commit and the old values of changed refs; where there is none of these, the last of the refs that are commits. */
function commitsHeld({ refs, head }: KnownListing, changed: readonly string[]): string[] {
  const gone = changed.filter((name) => commitRefs.test(name)).map((name) => refs.get(name) ?? {});
  // A tag's own id among the prerequisites makes git refuse the bundle: only what it stands for.
  const commits = peeledOnce([...gone, refs.get(head.symbolic ?? '') ?? head]);
  if (commits.length > 0) return commits;
  const others = [...refs].filter(([name]) => commitRefs.test(name)).slice(-fallback);
  return peeledOnce(others.map(([, target]) => target));
}

/** In a repo of tags only, what the tags stand for: a server takes any object for a have, but some may be trees or blobs, so they are no prerequisites. */
function havesFor(prerequisites: readonly string[], old: Refs): readonly string[] {
  return prerequisites.length > 0 ? prerequisites : peeledOnce([...old.values()].slice(-fallback));
}

/**
 * From the last snapshot's listing (undefined: there is none) and the new one to the fetch. `chainTips`: ids of tips of older snapshots in the
 * same chain, held as well; without them an object may be fetched again, never be missed.
 *
 * Haves are HEAD's commit and the old values of changed refs: with tens of thousands of refs that is a few kB instead of megabytes, for a few
 * percent of pack. An object that is in the history but was no tip is asked for; the server then sends a pack of 0 objects, which nobody stores.
 */
export function planFetch(before: KnownListing | undefined, after: ListedRefs, chainTips: Iterable<string> = []): FetchPlan {
  const old: Refs = before?.refs ?? new Map();
  const changes = compareRefs(old, after.refs);
  const held = new Set([...idsIn(old), ...chainTips]);
  if (before?.head.oid !== undefined) held.add(before.head.oid);

  const changed = [...changes.added, ...changes.moved];
  const newTips = new Set([...changed.map((name) => after.refs.get(name)?.oid), after.head.oid]);
  const wants = [...newTips].filter((oid) => oid !== undefined).filter((oid) => !held.has(oid));

  const prerequisites = before === undefined ? [] : commitsHeld(before, [...changes.moved, ...changes.deleted]);
  const headChanged = before?.head.symbolic !== after.head.symbolic || before?.head.oid !== after.head.oid;
  const refs = changed.map((name) => [name, after.refs.get(name)?.oid ?? ''] as const);
  return {
    changes,
    headChanged,
    wants,
    haves: wants.length === 0 ? [] : havesFor(prerequisites, old),
    header: {
      objectFormat: after.objectFormat,
      prerequisites,
      refs: headChanged && after.head.oid !== undefined ? [...refs, ['HEAD', after.head.oid]] : refs,
    },
  };
}

/** Commits to name to another repo's server: 200 kB of request. */
const mostOffered = 4096;

/** What a fork's backup asks for, and what it offers of the repo the fork comes from. */
export interface ForkFetch {
  /** Tips that the other repo's snapshot does not have. Empty: it holds all of the fork. */
  readonly wants: readonly string[];
  /** Commits of the other repo, those that the fork is most likely to have first. Which of them it has its server must say. */
  readonly offers: readonly string[];
}

/** From the snapshot of the repo that a fork comes from, and the fork's own listing, to the fetch. */
export function planForkFetch(origin: KnownListing, fork: ListedRefs): ForkFetch {
  const held = idsIn(origin.refs);
  if (origin.head.oid !== undefined) held.add(origin.head.oid);
  const tips = new Set([...Array.from(fork.refs.values(), ({ oid }) => oid), fork.head.oid]);
  const commits = [...origin.refs].filter(([name]) => commitRefs.test(name));
  const its = new Set(tips);
  const same = commits.filter(([, { oid }]) => its.has(oid));
  const namesakes = commits.filter(([name]) => fork.refs.has(name));
  const branches = commits.filter(([name]) => name.startsWith('refs/heads/'));
  const ordered = [...same, ...namesakes, ...branches, ...commits.toReversed()].map(([, target]) => target);
  const [first, ...others] = [origin.refs.get(origin.head.symbolic ?? '') ?? origin.head, ...ordered];
  return {
    wants: [...tips].filter((oid) => oid !== undefined).filter((oid) => !held.has(oid)),
    offers: peeledOnce([first ?? {}, ...others]).slice(0, mostOffered),
  };
}

/** Fewer refs than this come and go in daily work. */
const fewRefs = 8;

/**
 * Whether so many refs are gone that the list is to be doubted: all of them, or more than half of at least 8. The caller asks again with
 * another credential and keeps the old chain.
 */
export function refsVanished(before: Refs, after: Refs): boolean {
  return most(compareRefs(before, after).deleted.length, before);
}

/**
 * How many refs were deleted or rewritten, when that is most of them; `null` in daily work. A list does not say whether a branch went forwards or
 * was rewritten: a tag that moved was, and so were branches when every one of them moved along with it.
 */
export function massChange(before: Refs, after: Refs): MassChange | null {
  const { deleted, moved } = compareRefs(before, after);
  const tags = moved.filter((name) => name.startsWith('refs/tags/'));
  const branches = [...before.keys()].filter((name) => name.startsWith('refs/heads/'));
  const movedBranches = moved.filter((name) => name.startsWith('refs/heads/'));
  const rewritten = tags.length + (movedBranches.length === branches.length ? movedBranches.length : 0);
  const enough = most(deleted.length, before) || (before.size >= fewRefs && (deleted.length + rewritten) * 2 > before.size);
  return enough ? { refs: before.size, deleted: deleted.length, rewritten } : null;
}

function most(gone: number, before: Refs): boolean {
  return gone > 0 && (gone === before.size || (before.size >= fewRefs && gone * 2 > before.size));
}
