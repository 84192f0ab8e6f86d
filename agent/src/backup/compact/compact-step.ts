import { AppError, asAppError } from '@gitprotect/shared/errors';
import { formatBytes, formatCount } from '@gitprotect/shared/format';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { NamedHash } from '../../catalogue/ledger-list.ts';
import { newId } from '../../lib/id.ts';
import type { UpkeepStep } from '../upkeep.ts';
import { compactRepo } from './compact-repo.ts';
import { longest } from './neighbours.ts';

/**
 * Keeps chains short: merges neighbours in every repo whose last snapshot was written with a long one. A repo that cannot be compacted stops no
 * other. What was merged is in the ledger before the step ends, and, if the agent is killed, in its next list.
 */
export function compactStep(): UpkeepStep {
  /** Repo -> the last snapshot it was compacted for: a manifest goes on saying how long its chain was. */
  const done = new Map<string, string>();
  return {
    name: 'compact',
    run: async ({ place, clock, log }, signal) => {
      const parts = { storage: place.plain, sealed: place.sealed, keys: place.keys, catalogue: place.catalogue, clock };
      const due = newestOf(await place.catalogue.list()).filter(
        (last) => longestChain(last) > longest && done.get(repoOf(last)) !== last.id,
      );
      const made = { merges: 0, objects: 0, bytes: 0 };
      const failed: AppError[] = [];
      for (const [serverId, lasts] of Map.groupBy(due, (last) => last.serverId)) {
        const id = newId('compact');
        const added: NamedHash[] = [];
        for (const last of lasts) {
          try {
            for await (const merge of compactRepo(last, { ...parts, id }, signal)) {
              added.push(...merge.added);
              made.merges += 1;
              made.objects += merge.objects;
              made.bytes += merge.bytes;
            }
            done.set(repoOf(last), last.id);
          } catch (caught) {
            signal.throwIfAborted();
            const error = asAppError(caught);
            log.error({ err: caught, repo: `${last.projectKey}/${last.slug}` }, `chains could not be merged: ${error.message}`);
            failed.push(error);
          }
        }
        if (added.length > 0) await place.ledger.append(serverId, { id, added }, signal);
      }
      const [first] = failed;
      if (first !== undefined)
        throw new AppError(
          first.code,
          `the chains of ${formatCount(failed.length, 'repository', 'repositories')} could not be merged: ${first.message}`,
          {
            remedy: first.remedy ?? 'run "verify": it says what is wrong with the storage',
            cause: first,
          },
        );
      return made.merges === 0
        ? 'all chains are short'
        : `${formatCount(made.objects, 'object')} merged to ${made.merges} (${formatBytes(made.bytes)})`;
    },
  };
}

const repoOf = ({ serverId, repoId }: Snapshot): string => `${serverId}/${repoId}`;

const longestChain = ({ chainLength, metadataChain = 0 }: Snapshot): number => Math.max(chainLength, metadataChain);

/** The last snapshot of each repo: by number, as clocks jump. */
function newestOf(snapshots: readonly Snapshot[]): Snapshot[] {
  const newest = new Map<string, Snapshot>();
  for (const one of snapshots) {
    const known = newest.get(repoOf(one));
    if (known === undefined || one.id > known.id) newest.set(repoOf(one), one);
  }
  return [...newest.values()];
}
