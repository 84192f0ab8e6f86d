import type { CompactReport } from '@gitprotect/shared/compact';
import { AppError, asAppError } from '@gitprotect/shared/errors';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { goneMerge } from '../../catalogue/gone-merge.ts';
import type { Ledger } from '../../catalogue/ledger.ts';
import type { NamedHash } from '../../catalogue/ledger-list.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/id.ts';
import type { Log } from '../../lib/log.ts';
import type { RepoPlace } from '../../storage/layout.ts';
import { compactRepo } from './compact-repo.ts';
import { compactedFor, noteCompacted, noteToPrune, repoKey } from './compacted.ts';
import type { MergePlace } from './merge-bundles.ts';
import { longest } from './neighbours.ts';

/** The storage whose chains are merged. Its `storage` is the plain one. */
export interface CompactionPlace extends MergePlace {
  readonly catalogue: Catalogue;
  readonly ledger: Pick<Ledger, 'append' | 'catchUp' | 'standingBelow'>;
}

/** What compacting works with. */
export interface CompactParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly place: CompactionPlace;
}

/** Which repos: one or all; `again` also those whose last snapshot was looked at before. */
export interface CompactScope {
  readonly repo?: RepoPlace | undefined;
  readonly again: boolean;
}

/**
 * Keeps chains short: merges neighbours in every repo whose last snapshot was written with a long one. A repo with a damaged object stops no
 * other. What was merged is in the ledger before this ends, and, if the agent is killed, in its next list.
 */
export async function compact({ db, clock, log, place }: CompactParts, scope: CompactScope, signal: AbortSignal): Promise<CompactReport> {
  const due = await reposToCompact(db, place.catalogue, scope);
  const repos: CompactReport['repos'] = [];
  const failed: CompactReport['failed'] = [];
  for (const [serverId, lasts] of Map.groupBy(due, (last) => last.serverId)) {
    const id = newId('compact');
    const added: NamedHash[] = [];
    await place.ledger.catchUp(serverId, signal);
    for (const last of lasts) {
      signal.throwIfAborted();
      const { projectKey, slug } = last;
      const made = { projectKey, slug, objects: 0, merges: 0, bytes: 0 };
      try {
        const gone = await goneMerge(place, last, signal);
        if (gone !== null) throw new AppError('backup-damaged', gone);
        const entry = await place.catalogue.find({ repo: last, snapshotId: last.id });
        for await (const merge of compactRepo(entry, { ...place, clock, id, note: () => noteToPrune(db, last) }, signal)) {
          added.push(...merge.added);
          made.merges += 1;
          made.objects += merge.objects;
          made.bytes += merge.bytes;
        }
        await noteCompacted(db, last, last.id);
      } catch (caught) {
        signal.throwIfAborted();
        const { code, message } = asAppError(caught);
        if (code !== 'backup-damaged') throw caught;
        log.error({ err: caught, repo: `${projectKey}/${slug}` }, `chains could not be merged: ${message}`);
        failed.push({ projectKey, slug, message });
      }
      if (made.merges > 0) repos.push(made);
    }
    if (added.length > 0) await place.ledger.append(serverId, { id, added }, signal);
  }
  return { looked: due.length, repos, failed };
}

/** The last snapshots of repos that may have a long chain. A manifest goes on saying how long its chain was. */
export async function reposToCompact(db: Database, catalogue: Catalogue, { repo, again }: CompactScope): Promise<Snapshot[]> {
  const done = again ? new Map<string, string>() : await compactedFor(db);
  return newestOf(await catalogue.list(repo ?? {})).filter(
    (last) => Math.max(last.chainLength, last.metadataChain ?? 0) > longest && done.get(repoKey(last)) !== last.id,
  );
}

/** The last snapshot of each repo: by number, as clocks jump. */
function newestOf(snapshots: readonly Snapshot[]): Snapshot[] {
  const newest = new Map<string, Snapshot>();
  for (const one of snapshots) {
    const known = newest.get(repoKey(one));
    if (known === undefined || one.id > known.id) newest.set(repoKey(one), one);
  }
  return [...newest.values()];
}
