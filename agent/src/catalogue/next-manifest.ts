import type { ReadableManifest } from './chains.ts';
import { idOf, isOwn, type Manifest, manifestFormat } from './manifest.ts';
import type { Packs } from './waste.ts';
import { refDifference, refLine, type Refs, refsHash } from './refs.ts';

/** A manifest with its whole list of refs, and the list it is written as a difference from (its own, when it has one). */
export interface ResolvedManifest {
  /** With its chains as they are to be read now: what it leans on comes first. */
  readonly manifest: ReadableManifest;
  /** As it was written. */
  readonly written: Manifest;
  /** Names of the records of merges that its chains rest on. */
  readonly merges: readonly string[];
  /** See `ResolvedChains`; also of what it leans on. */
  readonly unsigned: string | null;
  /** What is wrong with the merges of the repo, and of the one it leans on, though this snapshot is to be had without them. */
  readonly damage: readonly string[];
  readonly sha256: string;
  readonly refs: Refs;
  readonly base: { readonly id: string; readonly sha256: string; readonly refs: Refs };
}

/** What a backup found and stored. `chain` is the whole chain, its new links and those it leans on included. */
export type Taken = Omit<Manifest, 'format' | 'sequence' | 'previous' | 'refs'> & { readonly refs: Refs };

/** What a repo's next snapshot continues. */
export interface Continuation {
  readonly sequence: number;
  /** `sequence` as the snapshot's id: bundles are named by it before their manifest exists. */
  readonly id: string;
  /** The last snapshot; `undefined` for a repo's first, and when nothing may be built on the last one: then a full backup is due. */
  readonly before: ResolvedManifest | undefined;
  /** What is known of the packs of its chain. */
  readonly packs: Packs | null;
  /** Why nothing may be built on the last snapshot, to go into the warnings of the next. */
  readonly damage: string | null;
}

/** A difference up to this many lines is written even where the list itself is short. */
const shortDifference = 50;

/**
 * The manifest of what was taken, as `sequence` after `before`. Refs are written whole at the start of a
 * chain and when the difference has grown to a quarter of the list; otherwise as the difference from the last whole list, not from the
 * snapshot before: so every manifest needs one other at most, and those in between can be pruned.
 */
export function nextManifest({ refs, ...taken }: Taken, { sequence, before }: Pick<Continuation, 'sequence' | 'before'>): Manifest {
  const repo = { serverId: taken.server.id, repoId: taken.repo.id };
  return {
    format: taken.leansOn === null ? 1 : manifestFormat,
    ...taken,
    chain: taken.chain.filter((link) => isOwn(link, repo)),
    takenAt: new Date(taken.takenAt).toISOString(),
    sequence,
    previous: before === undefined ? null : { id: idOf(before.manifest), sha256: before.sha256 },
    refs: { hash: refsHash(refs), count: refs.size, ...written(refs, taken.kind === 'full' ? undefined : before?.base) },
  };
}

function written(refs: Refs, base: ResolvedManifest['base'] | undefined): Pick<Manifest['refs'], 'base' | 'set' | 'gone'> {
  if (base !== undefined) {
    const difference = refDifference(base.refs, refs);
    const lines = difference.set.length + difference.gone.length;
    if (lines <= Math.max(shortDifference, refs.size / 4))
      return { base: { id: base.id, sha256: base.sha256 }, set: [...difference.set], gone: [...difference.gone] };
  }
  return { base: null, set: Array.from(refs, ([name, target]) => refLine(name, target)).toSorted(), gone: [] };
}
