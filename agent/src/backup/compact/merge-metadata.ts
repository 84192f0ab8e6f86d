import { AppError } from '@gitprotect/shared/errors';
import type { MetadataLink } from '../../catalogue/manifest.ts';
import { readLines, writeLines } from '../../catalogue/metadata-object.ts';
import type { MergePlace } from './merge-bundles.ts';

/**
 * Writes the records of neighbours in a chain of metadata into one object, the newest first, so that who reads it for an older snapshot passes
 * over the first ones. No record is left out: a snapshot between two others is as it was.
 * @throws AppError `backup-damaged` naming the object at fault
 */
export async function mergeMetadata(
  neighbours: readonly MetadataLink[],
  object: string,
  place: MergePlace,
  signal: AbortSignal,
): Promise<MetadataLink> {
  const records = async function* (): AsyncGenerator<Buffer> {
    for (const link of neighbours.toReversed()) yield* readLines(link, place, signal);
  };
  const merged = await writeLines(place.sealed, object, records(), { signal });
  const expected = neighbours.reduce((sum, link) => sum + link.records, 0);
  if (merged?.records !== expected)
    throw new AppError('internal', `${object} has ${merged?.records ?? 0} records where ${expected} were merged`, { facts: { object } });
  for await (const _ of readLines(merged, place, signal));
  return merged;
}
