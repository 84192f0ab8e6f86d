import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { KindStates } from '@gitprotect/shared/metadata';
import { RunState } from '@gitprotect/shared/run';
import { ProjectKey } from '@gitprotect/shared/repo';
import { Count, Id, Time } from '@gitprotect/shared/text';
import * as v from 'valibot';
import type { Secret } from '../lib/secret.ts';
import { sealAge } from '../storage/age.ts';
import { streamOf } from '../storage/bytes.ts';
import { manifestName, runListName, runRecordName, runSignatureName } from '../storage/layout.ts';
import type { ManifestPlace, StoredManifest } from './manifest-object.ts';
import { idOf, MetadataLink, ownIn, repoOf } from './manifest.ts';
import { signSsh } from './ssh-signature.ts';

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

/** An object by name, with the SHA-256 of its bytes in storage. */
export interface NamedHash {
  readonly name: string;
  readonly sha256: string;
}

/** The objects that a snapshot added to storage: its manifest, its own bundles and metadata. Large files belong to all repos: the run names those. */
export function addedBy({ manifest, sha256 }: StoredManifest): NamedHash[] {
  const own = ownIn(manifest).map((link) => ({ name: link.object, sha256: link.sha256 }));
  return [{ name: manifestName(repoOf(manifest), idOf(manifest)), sha256 }, ...own];
}

export interface RunObjects {
  /** What the run added: `addedBy` of every snapshot. */
  readonly added: readonly NamedHash[];
  /** The list of the run before, which ties the lists into a chain; `null` for the first. */
  readonly previous: NamedHash | null;
  /** Signs the list; `null` leaves it without a signature. */
  readonly signingKey: Secret | null;
}

/**
 * Writes a run's record, then the list of its new objects (`sha256sum -c`, from the storage's folder), then the list's signature. Returns the
 * list, which is the next run's `previous`.
 */
export async function writeRunRecord(
  { storage, keys }: ManifestPlace,
  record: RunRecord,
  { added, previous, signingKey }: RunObjects,
  signal: AbortSignal,
): Promise<NamedHash> {
  const serverId = record.server.id;
  const name = runRecordName(serverId, record.runId);
  const bytes = await promisify(zstdCompress)(`${JSON.stringify(record, null, 1)}\n`);
  const { sha256 } = await storage.put(name, sealAge(streamOf(bytes), keys.recipients), { signal });
  const list = Buffer.from(listText([...(previous === null ? [] : [previous]), ...added, { name, sha256 }]));
  const listName = runListName(serverId, record.runId);
  await storage.put(listName, streamOf(list), { signal });
  if (signingKey !== null) await storage.put(runSignatureName(serverId, record.runId), streamOf(signSsh(list, signingKey)), { signal });
  return { name: listName, sha256: createHash('sha256').update(list).digest('hex') };
}

/** `sha256sum`'s own format: hash, two spaces, name. */
function listText(objects: readonly NamedHash[]): string {
  return objects.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('');
}
