import { AppError } from '@gitprotect/shared/errors';
import { formatBytes, formatCount } from '@gitprotect/shared/format';
import type { UpkeepStep } from '../backup/upkeep.ts';
import type { Database } from '../db/database.ts';
import { lookOver } from './look-over.ts';
import { rememberFindings } from './proofs.ts';

/** Looks over the storage: all of it is there each time, and each object is read within so many days. */
export function verifyStep({ db, days }: { readonly db: Database; readonly days: number }): UpkeepStep {
  return {
    name: 'verify',
    run: async ({ place, clock }, signal) => {
      const { problems, objects, read, bytes } = await lookOver({ ...place, db }, { clock, days, signal });
      await rememberFindings(db, place.id, problems);
      const [first] = problems;
      if (first !== undefined) {
        const more = problems.length === 1 ? '' : `; and ${formatCount(problems.length - 1, 'more problem')}`;
        throw new AppError('backup-damaged', `${first.message}${more}`, {
          remedy: `${first.remedy ?? 'look at all of it'}. All of it: gitprotect-agent verify`,
        });
      }
      return `${formatCount(objects, 'object')} in place, ${read} of them read (${formatBytes(bytes)}) and as written`;
    },
  };
}
