import { AppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import type { UpkeepStep } from '../backup/upkeep.ts';
import type { Database } from '../db/database.ts';
import { drill, type DrillOutcome } from './drill.ts';
import { drillIsDue } from './due.ts';
import type { ProofPlace } from './place.ts';
import { repoProofs } from './proofs.ts';
import { recordDrills } from './record-drills.ts';

export interface DrillStepParts {
  readonly db: Database;
  /** Every repo is drilled within so many days. */
  readonly days: number;
  readonly scratch: string;
  readonly machine: Readonly<Record<string, string>>;
}

/** What has been drilled is written down after so many repos: a process that ends loses no more. */
const batch = 20;

/** Drills what is due, and writes signed records of it. A repo that could not be rebuilt is backed up in full by the next run. */
export function drillStep({ db, days, scratch, machine }: DrillStepParts): UpkeepStep {
  return {
    name: 'drill',
    run: async ({ place: opened, clock }, signal) => {
      const place: ProofPlace = { ...opened, db };
      const restorable = { catalogue: place.catalogue, storage: place.plain, keys: place.keys, clock };
      const due = (await repoProofs(db)).filter((repo) => drillIsDue(repo, days, clock.now()));
      const bad: string[] = [];
      for (const [serverId, repos] of Map.groupBy(due, (repo) => repo.serverId)) {
        let done: DrillOutcome[] = [];
        const write = async (): Promise<void> => {
          await recordDrills(place, serverId, done, signal);
          done = [];
        };
        for (const repo of repos) {
          signal.throwIfAborted();
          const entry = await place.catalogue.latest(repo);
          if (entry === undefined) continue;
          const outcome = await drill(restorable, entry, { scratch, host: { machine, signal } });
          done.push(outcome);
          const { proven, projectKey, slug } = outcome.drilled;
          if (!proven) bad.push(`${projectKey}/${slug}`);
          if (done.length >= batch) await write();
        }
        await write();
      }
      if (bad.length > 0) {
        throw new AppError(
          'backup-damaged',
          `${formatCount(bad.length, 'repository', 'repositories')} of ${due.length} could not be rebuilt: ${bad.join(', ')}`,
          {
            remedy:
              'run their plan: it takes a new full backup by itself, of all that Bitbucket still has. What was found: gitprotect-agent verify',
          },
        );
      }
      return due.length === 0
        ? 'nothing was due'
        : `${formatCount(due.length, 'repository', 'repositories')} rebuilt and compared: all restorable`;
    },
  };
}
