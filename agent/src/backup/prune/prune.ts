import type { PruneReport } from '@gitprotect/shared/prune';
import { judge } from '@gitprotect/shared/retention';
import { dayOf, type MarkPlace } from '../../catalogue/marks.ts';
import type { Database } from '../../db/database.ts';
import type { RepoPlace } from '../../storage/layout.ts';
import { notePruned, noteToPrune, repoKey, reposToPrune } from '../compact/compacted.ts';
import { candidatesOf, histories, type History } from '../retention/histories.ts';
import { judgeRepo, type DecidedRepo } from './judge-repo.ts';
import { markAndSweep, marksBySubject, type ToRemove } from './mark-and-sweep.ts';
import { PruneBatch } from './prune-batch.ts';
import type { PruneParts, PruneWanted } from './prune-place.ts';
import { pruneServer } from './prune-server.ts';
import { leavingOfRepo } from './sweep.ts';

/** What is to be pruned: one repo or all; `whole` also looks for what crashes left, and reads every manifest for it. */
export interface PruneScope extends PruneWanted {
  readonly repo?: RepoPlace | undefined;
  readonly whole: boolean;
}

/**
 * Marks what no rule keeps and nobody needs, and removes what was marked long enough ago. Needs no lock: what another agent, or a backup on its way,
 * could still need is never both old enough and unneeded.
 */
export async function prune(parts: PruneParts, scope: PruneScope, signal: AbortSignal): Promise<PruneReport> {
  const marksOf = marksBySubject(parts, signal);
  const undecided: PruneReport['undecided'] = [];
  const servers = new Set<string>();
  const asked = await reposToPrune(parts.db);
  const batch = new PruneBatch(parts.place, signal);
  for await (const history of histories(parts, scope.repo)) {
    signal.throwIfAborted();
    const { repo, name } = history;
    if (!servers.has(repo.serverId)) await parts.place.ledger.catchUp(repo.serverId, signal);
    servers.add(repo.serverId);
    const marks = (await marksOf(repo.serverId)).get(`r${repo.repoId}`) ?? [];
    if (!scope.whole && !asked.has(repoKey(repo)) && !isAnythingToDo(history, marks, parts)) continue;
    const judged = await judgeRepo(history, parts, scope, signal);
    if (judged.undecided !== null) {
      undecided.push({ ...name, why: judged.undecided });
      continue;
    }
    await batch.add(repo.serverId, {
      ...(await markAndSweep(wantedOf(judged, parts, signal), marks, parts, signal)),
      snapshots: judged.stored.snapshots.size,
      done: async ({ waiting, later }) => {
        await remember(parts.db, repo, waiting);
        await (later ? noteToPrune : notePruned)(parts.db, repo);
      },
    });
  }
  if (scope.whole && scope.repo === undefined)
    for (const serverId of servers) await pruneServer(serverId, { marks: await marksOf(serverId), batch, parts }, signal);
  await batch.flush();
  const { marked, swept } = batch;
  return {
    marked,
    removed: { snapshots: swept.snapshots, objects: swept.objects, bytes: swept.bytes },
    refused: swept.refused,
    undecided,
  };
}

/** Apart from the loop, so that what is to be done later does not hold on to all that was read. */
function wantedOf({ history: { repo }, stored, decision, unlisted }: DecidedRepo, parts: PruneParts, signal: AbortSignal): ToRemove {
  return {
    serverId: repo.serverId,
    subject: `r${repo.repoId}`,
    snapshots: [...decision.goes.keys()].map((id) => ({ id, sha256: stored.snapshots.get(id)?.sha256 ?? '' })),
    objects: decision.unneeded,
    staying: unlisted,
    leaving: (mark) => leavingOfRepo(mark, { stored, decision }, parts, signal),
  };
}

/** Whether a repo has to be read: something goes that is not marked, or a mark is due. */
function isAnythingToDo(history: History, marks: readonly MarkPlace[], { clock }: PruneParts): boolean {
  const today = dayOf(clock.now());
  if (marks.some(({ due }) => due <= today)) return true;
  return judge(candidatesOf(history), history.standing).some(({ id, keep }) => !keep && !history.marked.has(id));
}

/** For pages, and so that the next prune need not look at a repo whose marks wait. */
async function remember(db: Database, { serverId, repoId }: RepoPlace, waiting: ReadonlyMap<string, string>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('marked').where('server_id', '=', serverId).where('repo_id', '=', repoId).execute();
    for (const [id, due] of waiting)
      await transaction.insertInto('marked').values({ server_id: serverId, repo_id: repoId, snapshot_id: id, due_at: due }).execute();
  });
}
