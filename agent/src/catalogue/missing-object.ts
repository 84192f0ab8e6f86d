import { AppError } from '@gitprotect/shared/errors';
import { snapshotId } from '../storage/layout.ts';
import type { ManifestPlace } from './manifest-object.ts';
import { type Link, type Manifest, storedIn } from './manifest.ts';

/** What a snapshot needs: its own, and under it the chain of what it leans on. */
type Needing = Pick<Manifest, 'chain' | 'metadata' | 'repo' | 'sequence'> & { readonly under: readonly Link[] };

/** The first object that a snapshot needs and storage has not, or not whole, as the error that keeps it from being committed. */
export async function firstMissing({ storage }: ManifestPlace, wanted: Needing, signal: AbortSignal): Promise<AppError | undefined> {
  for (const { object, bytes } of [...wanted.under, ...storedIn(wanted)]) {
    signal.throwIfAborted();
    const found = await storage.stat(object);
    if (found?.bytes !== bytes) return incomplete(wanted, object, bytes, found?.bytes);
  }
  return undefined;
}

function incomplete({ repo, sequence }: Needing, object: string, bytes: number, found: number | undefined): AppError {
  const state = found === undefined ? 'is not in storage' : `has ${found} bytes in storage where ${bytes} were written`;
  return new AppError(
    'backup-damaged',
    `snapshot ${snapshotId(sequence)} of ${repo.projectKey}/${repo.slug} was not committed: ${object} ${state}`,
    {
      remedy: 'run the plan again; if it stays so, run "verify" to find which snapshots are whole',
      facts: { object },
    },
  );
}
