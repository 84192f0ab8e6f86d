import type { PrunePlan } from '@gitprotect/shared/prune';
import { readMark } from '../../catalogue/marks.ts';
import { manifestName, type RepoPlace } from '../../storage/layout.ts';
import { histories } from '../retention/histories.ts';
import { judgeRepo } from './judge-repo.ts';
import { marksBySubject } from './mark-and-sweep.ts';
import type { PruneParts, PruneWanted } from './prune-place.ts';

/** What a prune would do with each repo, and why. Nothing is changed. */
export async function planPrune(
  parts: PruneParts,
  scope: PruneWanted & { readonly repo?: RepoPlace | undefined },
  signal: AbortSignal,
): Promise<PrunePlan> {
  const { place, graceDays } = parts;
  const marksOf = marksBySubject(parts, signal);
  const repos: PrunePlan['repos'] = [];
  const servers = new Set<string>();
  for await (const history of histories(parts, scope.repo)) {
    signal.throwIfAborted();
    const { repo, name } = history;
    if (!servers.has(repo.serverId)) await place.ledger.catchUp(repo.serverId, signal);
    servers.add(repo.serverId);
    const judged = await judgeRepo(history, parts, scope, signal);
    if (judged.undecided !== null) {
      repos.push({ ...name, undecided: judged.undecided, goes: [], stays: [], objects: 0, bytes: 0 });
      continue;
    }
    const { stored, decision } = judged;
    if (decision.goes.size + decision.unneeded.length === 0) continue;
    const due = new Map<string, string>();
    for (const one of (await marksOf(repo.serverId)).get(`r${repo.repoId}`) ?? []) {
      const mark = await readMark(place.sealed, one, signal);
      for (const { id } of mark?.snapshots ?? []) due.set(id, mark?.dueAt ?? '');
    }
    const manifests = await Promise.all([...decision.goes.keys()].map(async (id) => place.storage.stat(manifestName(repo, id))));
    const bytes = [
      ...decision.unneeded.map((object) => stored.objects.get(object) ?? 0),
      ...manifests.map((found) => found?.bytes ?? 0),
    ].reduce((sum, one) => sum + one, 0);
    repos.push({
      ...name,
      undecided: null,
      goes: Array.from(decision.goes, ([snapshotId, because]) => ({
        snapshotId,
        takenAt: stored.snapshots.get(snapshotId)?.takenAt ?? '',
        because: [...because],
        dueAt: due.get(snapshotId) ?? null,
      })),
      stays: Array.from(decision.stays, ([snapshotId, because]) => ({ snapshotId, because: [...because] })),
      objects: decision.goes.size + decision.unneeded.length,
      bytes,
    });
  }
  const total = (of: (repo: PrunePlan['repos'][number]) => number): number => repos.reduce((sum, repo) => sum + of(repo), 0);
  return {
    graceDays,
    repos,
    snapshots: total(({ goes }) => goes.length),
    objects: total(({ objects }) => objects),
    bytes: total(({ bytes }) => bytes),
  };
}
