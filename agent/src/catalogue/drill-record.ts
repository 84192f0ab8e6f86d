import { AppError } from '@gitprotect/shared/errors';
import { ProjectKey, RepoSlug } from '@gitprotect/shared/repo';
import { Count, Id, Time } from '@gitprotect/shared/text';
import * as v from 'valibot';
import { openAge, sealAge } from '../storage/age.ts';
import { bytesOf, streamOf } from '../storage/bytes.ts';
import { drillFolder, drillName, kindOf } from '../storage/layout.ts';
import type { Ledger } from './ledger.ts';
import type { ManifestPlace } from './manifest-object.ts';
import { fromZstdJson, toZstdJson } from './zstd-json.ts';

/** What became of one repo in a drill. */
export const Drilled = v.object({
  id: Count,
  projectKey: ProjectKey,
  slug: RepoSlug,
  snapshotId: Id,
  /** SHA-256 of the manifest that was rebuilt from: what the proof is of. */
  manifest: v.string(),
  at: Time,
  proven: v.boolean(),
  refs: Count,
  lfsObjects: Count,
  records: Count,
  /** Bytes of the chain's packs, and how many of them the refs still reach; `null` where it was not looked at. */
  packs: v.optional(v.nullable(v.object({ bytes: Count, reached: Count })), null),
  problems: v.array(v.string()),
});
export type Drilled = v.InferOutput<typeof Drilled>;

/** What a drill leaves in storage for a server, named in its ledger and so signed. */
export const DrillRecord = v.object({ format: v.literal(1), server: v.object({ id: Id }), drillId: Id, repos: v.array(Drilled) });
export type DrillRecord = v.InferOutput<typeof DrillRecord>;

const sizeLimit = 200_000_000;

/** Writes the record of a drill, and the list that names it. */
export async function writeDrillRecord(
  { storage, keys, ledger }: ManifestPlace & { readonly ledger: Ledger },
  record: DrillRecord,
  signal: AbortSignal,
): Promise<void> {
  const name = drillName(record.server.id, record.drillId);
  const bytes = await toZstdJson(record);
  const { sha256 } = await storage.put(name, sealAge(streamOf(bytes), keys.recipients), { signal });
  await ledger.append(record.server.id, { id: record.drillId, added: [{ name, sha256 }] }, signal);
}

/** All records of drills of a server that are in its ledger and can be read. One that nobody signed proves nothing. */
export async function* readDrillRecords(
  { storage, keys, ledger }: ManifestPlace & { readonly ledger: Ledger },
  serverId: string,
  signal: AbortSignal,
): AsyncGenerator<DrillRecord> {
  const standing = await ledger.standing(serverId, signal);
  for await (const { name, bytes } of storage.list(drillFolder(serverId))) {
    const sha256 = standing.get(name);
    if (kindOf(name).kind !== 'drill' || sha256 === undefined) continue;
    try {
      const source = await storage.get(name, { signal, expect: { bytes, sha256 } });
      const packed = await bytesOf(openAge(source, keys.identity, name), sizeLimit, name);
      const read = v.safeParse(DrillRecord, await fromZstdJson(packed, sizeLimit).catch(() => undefined));
      if (read.success && drillName(serverId, read.output.drillId) === name) yield read.output;
    } catch (error) {
      // `verify` names it; the next drill proves anew.
      if (!(error instanceof AppError) || (error.code !== 'storage-corrupt' && error.code !== 'not-found')) throw error;
    }
  }
}
