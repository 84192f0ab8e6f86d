import { KindStates } from '@gitprotect/shared/metadata';
import { RunState } from '@gitprotect/shared/run';
import { ProjectKey } from '@gitprotect/shared/repo';
import { Count, Id, Time } from '@gitprotect/shared/text';
import * as v from 'valibot';
import { sealAge } from '../storage/age.ts';
import { streamOf } from '../storage/bytes.ts';
import { manifestName, runRecordName } from '../storage/layout.ts';
import type { Ledger } from './ledger.ts';
import type { NamedHash } from './ledger-list.ts';
import type { ManifestPlace, StoredManifest } from './manifest-object.ts';
import { idOf, MetadataLink, ownIn, repoOf } from './manifest.ts';
import { toZstdJson } from './zstd-json.ts';

/** A project as a run read it, beside its repos. `metadata` is one object with all of it, perhaps of an earlier run; `null` where there is nothing. */
export const ProjectRecord = v.object({
  id: Id,
  key: ProjectKey,
  name: v.nullable(v.string()),
  kinds: KindStates,
  metadata: v.nullable(MetadataLink),
});
export type ProjectRecord = v.InferOutput<typeof ProjectRecord>;

/** What a run leaves in storage for each server: the snapshot that stands for every repo, a project at one point in time. */
export const RunRecord = v.object({
  format: v.literal(1),
  server: v.object({ id: Id, url: v.string() }),
  runId: Id,
  planName: v.string(),
  state: RunState,
  startedAt: Time,
  endedAt: Time,
  /** `snapshotId` is `null` where there is none: the repo failed and never had one. */
  repos: v.array(v.object({ id: Count, projectKey: v.string(), slug: v.string(), outcome: v.string(), snapshotId: v.nullable(Id) })),
  /** Empty where the plan wants git alone, and in records from before it was known. */
  projects: v.optional(v.array(ProjectRecord), []),
});
export type RunRecord = v.InferOutput<typeof RunRecord>;

/** The objects that a snapshot added to storage: its manifest, its own bundles and metadata. Large files belong to all repos: the run names those. */
export function addedBy({ manifest, sha256 }: StoredManifest): NamedHash[] {
  const own = ownIn(manifest).map((link) => ({ name: link.object, sha256: link.sha256 }));
  return [{ name: manifestName(repoOf(manifest), idOf(manifest)), sha256 }, ...own];
}

/** Writes a run's record, and the list that names it with everything the run added. @returns the list */
export async function writeRunRecord(
  { storage, keys, ledger }: ManifestPlace & { readonly ledger: Ledger },
  record: RunRecord,
  added: readonly NamedHash[],
  signal: AbortSignal,
): Promise<NamedHash> {
  const serverId = record.server.id;
  const name = runRecordName(serverId, record.runId);
  const bytes = await toZstdJson(record);
  const { sha256 } = await storage.put(name, sealAge(streamOf(bytes), keys.recipients), { signal });
  return ledger.append(serverId, { id: record.runId, added: [...added, { name, sha256 }] }, signal);
}
