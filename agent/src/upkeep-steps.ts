import { join } from 'node:path';
import { compactStep } from './backup/compact/compact-step.ts';
import { copyStep } from './backup/copy/copy-step.ts';
import { pruneStep } from './backup/prune/prune-step.ts';
import type { UpkeepStep } from './backup/upkeep.ts';
import type { Config } from './config.ts';
import { copyTargets } from './copy-targets.ts';
import type { Database } from './db/database.ts';
import type { PlanStore } from './plans/plan-store.ts';
import { drillStep } from './proof/drill-step.ts';
import { verifyStep } from './proof/verify-step.ts';
import type { CopyStore } from './storages/copy-store.ts';
import type { StorageStore } from './storages/storage-store.ts';

interface StepParts {
  readonly config: Config;
  readonly db: Database;
  readonly plans: PlanStore;
  readonly storages: StorageStore;
  readonly copies: CopyStore;
}

/** What is done for a storage, in this order: compact, prune, verify, drill, copy. */
export function upkeepSteps({ config, db, plans, storages, copies }: StepParts): UpkeepStep[] {
  return [
    compactStep({ db }),
    pruneStep({ db, plans, graceDays: config.prune.graceDays }),
    verifyStep({ db, days: config.verifyDays }),
    drillStep({ db, days: config.drillDays, scratch: join(config.home, 'scratch'), machine: config.machine }),
    copyStep({ targets: () => copyTargets(db, storages), copies, graceDays: config.prune.graceDays }),
  ];
}
