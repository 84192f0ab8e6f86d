import type { MetadataKind } from '@gitprotect/shared/metadata';
import type { ResolvedManifest } from '../../catalogue/next-manifest.ts';
import { readMetadata, type LiveRecord } from '../../catalogue/metadata-object.ts';
import type { MetadataLink } from '../../catalogue/manifest.ts';
import type { ChainPlace } from '../chain-packs.ts';

/** Kinds of which there are many records: read when their turn comes, and never all at once. */
const many: ReadonlySet<string> = new Set<MetadataKind>(['pull-requests', 'attachments']);

/** The settings in a chain of metadata, by kind. */
export async function settingsIn(
  chain: readonly MetadataLink[],
  kinds: readonly MetadataKind[],
  place: ChainPlace,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, unknown>> {
  const settings = new Map<string, unknown>();
  const wanted = kinds.filter((kind) => !many.has(kind));
  for await (const { kind, value } of readMetadata(place, chain, { signal, kinds: wanted })) settings.set(kind, value);
  return settings;
}

/** A snapshot's records of one kind, as they come. */
export function recordsOf(
  { manifest }: ResolvedManifest,
  kind: MetadataKind,
  place: ChainPlace,
  signal: AbortSignal,
): AsyncIterable<LiveRecord> {
  return readMetadata(place, manifest.metadata?.chain ?? [], { signal, kinds: [kind] });
}
