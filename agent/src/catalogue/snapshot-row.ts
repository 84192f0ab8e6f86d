import { Snapshot } from '@gitprotect/shared/snapshot';
import * as v from 'valibot';
import type { SnapshotRow } from '../db/schema.ts';
import type { StoredManifest } from './manifest-object.ts';
import { type Head, idOf, type Link, type Manifest, ownIn, storedIn } from './manifest.ts';

/** A snapshot as the catalogue knows it without reading its manifest. */
export interface Entry {
  readonly snapshot: Snapshot;
  readonly manifestSha256: string;
  /** Hash of the server's ref list as it came over the wire. */
  readonly listingHash: string | null;
}

/** What the database keeps of a manifest. */
export function rowOf({ manifest, sha256 }: StoredManifest): SnapshotRow {
  const snapshot = snapshotOf(manifest);
  return {
    server_id: snapshot.serverId,
    repo_id: snapshot.repoId,
    id: snapshot.id,
    project_key: snapshot.projectKey,
    slug: snapshot.slug,
    run_id: snapshot.runId,
    taken_at: snapshot.takenAt,
    snapshot_json: JSON.stringify(snapshot),
    manifest_sha256: sha256,
    listing_hash: manifest.listingHash,
    mass_change: manifest.massChange === null ? 0 : 1,
  };
}

export function entryOf(row: SnapshotRow): Entry {
  return {
    snapshot: v.parse(Snapshot, JSON.parse(row.snapshot_json)),
    manifestSha256: row.manifest_sha256,
    listingHash: row.listing_hash,
  };
}

function snapshotOf(manifest: Manifest): Snapshot {
  const { server, repo, chain } = manifest;
  const id = idOf(manifest);
  return {
    id,
    serverId: server.id,
    repoId: repo.id,
    projectKey: repo.projectKey,
    slug: repo.slug,
    runId: manifest.runId,
    // One form, so that times compare as texts do.
    takenAt: new Date(manifest.takenAt).toISOString(),
    kind: manifest.kind,
    objectFormat: manifest.objectFormat,
    refs: manifest.refs.count,
    head: headText(manifest.head),
    leansOn: manifest.leansOn === null ? null : { repoId: manifest.leansOn.repoId, snapshotId: manifest.leansOn.id },
    bytes: sum(ownIn(manifest)),
    chainBytes: sum(storedIn(manifest)),
    chainLength: chain.length,
    metadataChain: manifest.metadata?.chain.length ?? 0,
    warnings: manifest.warnings,
    massChange: manifest.massChange,
    lost: manifest.lost.length,
    metadata: manifest.metadata?.kinds ?? null,
    lfs: manifest.lfs,
  };
}

function sum(links: readonly Pick<Link, 'bytes'>[]): number {
  return links.reduce((bytes, link) => bytes + link.bytes, 0);
}

function headText({ symbolic, oid }: Head): string | null {
  return symbolic ?? oid ?? null;
}
