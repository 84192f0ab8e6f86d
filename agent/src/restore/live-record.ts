import type { Manifest } from '../catalogue/manifest.ts';
import { idOf } from '../catalogue/manifest.ts';
import { type LiveRecord, readMetadata } from '../catalogue/metadata-object.ts';
import type { ArchiveOf } from './archive/page.ts';
import type { ChainPlace } from './chain-packs.ts';

/** Reads a snapshot's records, in no order; of these kinds only, where some are named. */
export type Records = (kinds?: readonly string[]) => AsyncIterable<LiveRecord>;

/** Those of a snapshot in storage; a snapshot of git alone has none. */
export function recordsOf(manifest: Manifest, place: ChainPlace, signal: AbortSignal): Records {
  return (kinds) => readMetadata(place, manifest.metadata?.chain ?? [], { signal, kinds });
}

/** The snapshot in the words of its pages. */
export function archiveOf(manifest: Manifest): ArchiveOf {
  const { server, repo, takenAt } = manifest;
  return { projectKey: repo.projectKey, slug: repo.slug, name: repo.name, server: server.url, snapshotId: idOf(manifest), takenAt };
}
