import { asAppError } from '@gitprotect/shared/errors';
import { newId } from '../lib/id.ts';
import { readLargeFile } from '../catalogue/large-file.ts';
import type { BrokenFile } from './checked-objects.ts';
import type { ProofPlace } from './place.ts';

/**
 * Takes large files out of storage that are not what their names say. Only where nothing lies under its name is a large file asked for again, and what lay there
 * could be restored by nobody: its bytes are not the file's, and age opens no changed chunk. Each is read once more before: what was read badly once,
 * or is sealed to a key that is not here, stays.
 */
export async function giveUpFiles(place: ProofPlace, serverId: string, broken: readonly BrokenFile[], signal: AbortSignal): Promise<void> {
  const names: string[] = [];
  for (const { object } of broken) if (await isLost(place, object, signal)) names.push(object);
  if (names.length === 0) return;
  await place.ledger.append(serverId, { id: newId('verify'), added: [], removed: names }, signal);
  for (const name of names) await place.plain.remove(name);
}

async function isLost({ plain, keys }: ProofPlace, name: string, signal: AbortSignal): Promise<boolean> {
  const oid = name.slice(name.lastIndexOf('/') + 1).replace(/\.age$/, '');
  try {
    await readLargeFile({ storage: plain, keys }, name, oid, signal);
    return false;
  } catch (caught) {
    signal.throwIfAborted();
    const { code } = asAppError(caught);
    if (code === 'storage-foreign') return false;
    if (code === 'storage-corrupt' || code === 'not-found') return true;
    throw caught;
  }
}
