import type { UpkeepPlace } from '../backup/upkeep.ts';
import type { Database } from '../db/database.ts';

/** The storage that is verified, and the database that knows what it should hold. */
export interface ProofPlace extends UpkeepPlace {
  readonly db: Database;
}
