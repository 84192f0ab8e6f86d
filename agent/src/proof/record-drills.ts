import { writeDrillRecord } from '../catalogue/drill-record.ts';
import { renew } from '../catalogue/renewals.ts';
import { newId } from '../lib/id.ts';
import type { DrillOutcome } from './drill.ts';
import { giveUpFiles } from './heal.ts';
import type { ProofPlace } from './place.ts';
import { rememberDrilled } from './proofs.ts';

/** Writes the signed record of some drills of a server. A repo that could not be rebuilt is backed up in full by the next run. */
export async function recordDrills(place: ProofPlace, serverId: string, done: readonly DrillOutcome[], signal: AbortSignal): Promise<void> {
  if (done.length === 0) return;
  for (const { drilled, brokenFiles } of done) {
    if (drilled.proven) continue;
    const reason = `snapshot ${drilled.snapshotId} could not be rebuilt: ${drilled.problems[0] ?? ''}`;
    await renew(place.db, { serverId, repoId: drilled.id }, reason);
    await giveUpFiles(place, serverId, brokenFiles, signal);
  }
  const repos = done.map(({ drilled }) => drilled);
  const record = { format: 1, server: { id: serverId }, drillId: newId('drill'), repos } as const;
  await writeDrillRecord({ ...place, storage: place.plain }, record, signal);
  for (const drilled of repos) await rememberDrilled(place.db, serverId, drilled);
}
