import { type Candidate, judge, type Standing } from '@gitprotect/shared/retention';
import { manifestName } from '../../storage/layout.ts';
import { neededBy, type RepoObjects } from './repo-objects.ts';

/** What becomes of one repo's snapshots and objects. */
export interface Decision {
  /** Snapshot -> why nothing keeps it. The newest first. */
  readonly goes: ReadonlyMap<string, readonly string[]>;
  readonly stays: ReadonlyMap<string, readonly string[]>;
  /** Bundles and metadata that no snapshot that stays needs. */
  readonly unneeded: readonly string[];
}

/** What is known beside the manifests. */
export interface Around {
  readonly standing: Standing;
  /** Snapshot -> reason. */
  readonly held: ReadonlyMap<string, string>;
  /** Snapshots that a fork's lean on -> in words. */
  readonly leanedOn: ReadonlyMap<string, string>;
  /** What the signed lists say: name -> SHA-256. */
  readonly listed: ReadonlyMap<string, string>;
  /** Objects of a backup that is on its way. */
  readonly inUse: ReadonlySet<string>;
}

/** Judges what storage has. Pure. */
export function decide(repo: RepoObjects, { standing, held, leanedOn, listed, inUse }: Around): Decision {
  const candidates: Candidate[] = Array.from(repo.snapshots.values(), ({ id, takenAt, good, sha256 }) => ({
    id,
    takenAt,
    good,
    held: held.get(id) ?? null,
    needed: leanedOn.get(id) ?? null,
    vouched: listed.get(manifestName(repo.repo, id)) === sha256,
  }));
  const verdicts = judge(candidates, standing);
  const needed = neededBy(
    repo,
    verdicts.filter(({ keep }) => keep).map(({ id }) => id),
  );
  const goes = new Map<string, readonly string[]>();
  const stays = new Map<string, readonly string[]>();
  for (const { id, keep, because } of verdicts) {
    if (keep) stays.set(id, because);
    else if (needed.ids.has(id)) stays.set(id, ['others are written as the difference from it']);
    else goes.set(id, because);
  }
  return { goes, stays, unneeded: [...repo.objects.keys()].filter((name) => !needed.objects.has(name) && !inUse.has(name)) };
}
