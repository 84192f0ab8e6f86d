import { newId } from '../lib/id.ts';
import type { BrokenFile } from './checked-objects.ts';
import type { ProofPlace } from './place.ts';

/**
 * Takes large files out of storage that are not what their names say. Only where nothing lies under its name is a large file asked for again, and what lay there
 * could be restored by nobody: its bytes are not the file's, and age opens no changed chunk.
 */
export async function giveUpFiles(place: ProofPlace, serverId: string, broken: readonly BrokenFile[], signal: AbortSignal): Promise<void> {
  if (broken.length === 0) return;
  const names = broken.map(({ object }) => object);
  await place.ledger.append(serverId, { id: newId('verify'), added: [], removed: names }, signal);
  for (const name of names) await place.plain.remove(name);
}
