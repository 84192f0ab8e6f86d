import { AppError } from '@gitprotect/shared/errors';
import { formatBytes, formatCount } from '@gitprotect/shared/format';
import type { Database } from '../../db/database.ts';
import type { UpkeepStep } from '../upkeep.ts';
import { compact } from './compact.ts';

/** Compacting as a step of upkeep. */
export function compactStep({ db }: { readonly db: Database }): UpkeepStep {
  return {
    name: 'compact',
    run: async ({ place, clock, log }, signal) => {
      const parts = { db, clock, log, place: { ...place, storage: place.plain } };
      const { repos, failed } = await compact(parts, { again: false }, signal);
      const [first] = failed;
      if (first !== undefined) {
        const names = failed.map(({ projectKey, slug }) => `${projectKey}/${slug}`).join(', ');
        throw new AppError('backup-damaged', `bundles of ${names} could not be joined: ${first.message}`, {
          remedy: 'put the object back from a copy: gitprotect-agent storage repair; or run the plan: it takes a new full backup by itself',
        });
      }
      const sum = (of: (repo: (typeof repos)[number]) => number): number => repos.reduce((total, repo) => total + of(repo), 0);
      return repos.length === 0
        ? 'all chains are short'
        : `${formatCount(
            sum(({ objects }) => objects),
            'object',
          )} joined to ${sum(({ merges }) => merges)} (${formatBytes(sum(({ bytes }) => bytes))})`;
    },
  };
}
