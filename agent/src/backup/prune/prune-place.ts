import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Ledger } from '../../catalogue/ledger.ts';
import type { ManifestPlace } from '../../catalogue/manifest-object.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Storage } from '../../storage/storage.ts';
import type { HistoryParts } from '../retention/histories.ts';

/** The storage that is pruned. `storage` is the plain one. */
export interface PrunePlace extends ManifestPlace {
  readonly sealed: Storage;
  readonly catalogue: Catalogue;
  readonly ledger: Pick<Ledger, 'append' | 'appendAny' | 'catchUp' | 'standingBelow' | 'damagedBelow' | 'removed'>;
}

/** What pruning works with. */
export interface PruneParts extends HistoryParts {
  readonly place: PrunePlace;
  readonly clock: Clock;
  readonly log: Log;
  /** Between marking and removing. */
  readonly graceDays: number;
}

/** What is to be pruned. */
export interface PruneWanted {
  /** Also snapshots of repos that are gone from the server. */
  readonly gone: boolean;
}
