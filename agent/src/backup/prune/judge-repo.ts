import { goneMerge } from '../../catalogue/gone-merge.ts';
import { type Hold, holdsInStorage } from '../../catalogue/holds.ts';
import { idOf } from '../../catalogue/manifest.ts';
import { histories, type History } from '../retention/histories.ts';
import { leansInStorage } from '../../catalogue/leans.ts';
import { manifestName, repoFolder } from '../../storage/layout.ts';
import { decide, type Decision } from './decide.ts';
import type { PruneParts, PruneWanted } from './prune-place.ts';
import { readRepo, type RepoObjects } from './repo-objects.ts';

/** A repo read from storage and judged. */
export type JudgedRepo = DecidedRepo | { readonly history: History; readonly undecided: string };

export interface DecidedRepo {
  readonly history: History;
  readonly undecided: null;
  readonly stored: RepoObjects;
  readonly decision: Decision;
  /** What stays, and stands in no signed list. */
  readonly unlisted: readonly string[];
}

/**
 * Reads a repo from storage, takes in snapshots the database does not know, and decides what goes. Storage counts, not the database. The signed lists are
 * those that were read when the prune began.
 */
export async function judgeRepo(known: History, parts: PruneParts, wanted: PruneWanted, signal: AbortSignal): Promise<JudgedRepo> {
  const { place } = parts;
  const { repo } = known;
  const gone = await goneMerge(place, repo, signal);
  if (gone !== null) return { history: known, undecided: gone };
  const ids = new Set(known.snapshots.map(({ id }) => id));
  let adopted = 0;
  const stored = await readRepo(
    place,
    repo,
    {
      onRead: async (one) => {
        if (ids.has(idOf(one.manifest))) return;
        adopted += 1;
        await place.catalogue.adopt(one);
      },
      broken: await place.ledger.damagedBelow(repo.serverId, repoFolder(repo)),
    },
    signal,
  );
  if ('undecided' in stored) return { history: known, undecided: stored.undecided };
  const history = adopted === 0 ? known : await again(known, parts);
  const listed = await place.ledger.standingBelow(repo.serverId, repoFolder(repo));
  const held = new Map<string, string>();
  // Either's word holds it: somebody who can write to storage could have released it there.
  for (const { snapshotId, reason } of [...(await holdsInStorage(place, repo, listed, signal)), ...history.holds.values()] satisfies Hold[])
    held.set(snapshotId, reason);
  const leans = await leansInStorage({ ...place, db: parts.db }, repo, listed.keys(), signal);
  const objects = new Map([...stored.objects, ...leans.words]);
  const standing = [...leans.words.keys()].filter((name) => !leans.over.has(name));
  const decision = decide(
    { ...stored, objects },
    {
      standing: { ...history.standing, there: wanted.gone || history.standing.there },
      held,
      leanedOn: leans.needed,
      listed,
      inUse: new Set([...standing, ...(await place.catalogue.unfinished.objects(repo))]),
    },
  );
  const unneeded = new Set(decision.unneeded);
  const stay = [...decision.stays.keys()].map((id) => manifestName(repo, id));
  const unlisted = [...stay, ...[...objects.keys()].filter((name) => !unneeded.has(name))].filter((name) => !listed.has(name));
  return { history, undecided: null, stored: { ...stored, objects }, decision, unlisted };
}

async function again(known: History, parts: PruneParts): Promise<History> {
  for await (const history of histories(parts, known.repo)) return history;
  return known;
}
