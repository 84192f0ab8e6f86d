import { kindOf, storageFile, type RepoPlace } from '../../storage/layout.ts';

/** An object that must be in the copy: its SHA-256, where a signed list says it. */
export interface Wanted {
  readonly name: string;
  readonly sha256: string | undefined;
}

/** What a server has in storage, as its signed lists say, and what lies there. */
export interface Original {
  /** Name -> SHA-256. */
  readonly standing: ReadonlyMap<string, string>;
  /** Names of lists and their signatures, which no list names. */
  readonly lists: readonly string[];
}

/**
 * The objects a copy lacks, in stages: each may begin when the one before is done, so that the copy never shows a snapshot without its objects, nor a
 * list without its signature. `leavesOut` says which repos are not copied there, `leans` whose snapshots need others of another repo.
 */
export function whatToCopy(
  original: Original,
  there: ReadonlySet<string>,
  { leavesOut, leans }: { readonly leavesOut: (repo: RepoPlace) => boolean; readonly leans: (repo: RepoPlace) => boolean },
): Wanted[][] {
  const stages: Wanted[][] = [[], [], [], [], [], [], []];
  const put = (name: string, sha256: string | undefined): void => {
    if (there.has(name)) return;
    const kind = kindOf(name);
    if ('repoId' in kind && leavesOut(kind)) return;
    const stage = name === storageFile ? 0 : kind.kind === 'manifest' && leans(kind) ? leaning : stageOf[kind.kind];
    if (stage !== undefined) stages[stage]?.push({ name, sha256 });
  };
  for (const [name, sha256] of original.standing) put(name, sha256);
  for (const name of original.lists) put(name, undefined);
  return stages.map((stage) => stage.toSorted((a, b) => (a.name < b.name ? -1 : 1))).filter((stage) => stage.length > 0);
}

/** After `gitprotect.json`. A kind that this release does not know goes with what others may need. */
const stageOf: Readonly<Record<ReturnType<typeof kindOf>['kind'], number>> = {
  bundle: 1,
  metadata: 1,
  merge: 1,
  project: 1,
  lfs: 1,
  lean: 1,
  other: 1,
  manifest: 2,
  hold: 4,
  mark: 4,
  void: 4,
  run: 4,
  drill: 4,
  signature: 5,
  list: 6,
};

/** Manifests of repos that lean on others: after those. */
const leaning = 3;
