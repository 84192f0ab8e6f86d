import { AppError, asAppError } from '@gitprotect/shared/errors';
import { wordsOfKind } from '@gitprotect/shared/metadata';
import { readLargeFile } from '../catalogue/large-file.ts';
import type { ManifestPlace } from '../catalogue/manifest-object.ts';
import type { Manifest, MetadataLink } from '../catalogue/manifest.ts';
import { readMetadata, readRecords } from '../catalogue/metadata-object.ts';
import { lfsObjects } from '../catalogue/metadata-record.ts';
import { lfsName } from '../storage/layout.ts';

/** A large file that is not there, or not what its name says. */
export interface BrokenFile {
  readonly object: string;
  readonly message: string;
}

/** What a verification has read so far: objects that many snapshots share are read once. */
export class CheckedObjects {
  readonly #place: ManifestPlace;
  readonly #signal: AbortSignal;
  /** Name -> bytes read. */
  readonly #whole = new Map<string, number>();
  /** Name -> what is wrong. */
  readonly #broken = new Map<string, AppError>();
  /** Metadata object -> the large files it names, each with its line. */
  readonly #named = new Map<string, readonly { readonly oid: string; readonly line: number }[]>();

  constructor(place: ManifestPlace, signal: AbortSignal) {
    this.#place = place;
    this.#signal = signal;
  }

  /** Names of the objects that were read and are whole. */
  get names(): ReadonlySet<string> {
    return new Set(this.#whole.keys());
  }

  get bytes(): number {
    return [...this.#whole.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Reads the bundles of a snapshot. @throws AppError for the first that is not what was written */
  async readBundles({ chain }: Manifest): Promise<void> {
    const { storage } = this.#place;
    for (const { object, bytes, sha256 } of chain)
      await this.#once(object, async () => {
        let read = 0;
        for await (const piece of await storage.get(object, { signal: this.#signal, expect: { bytes, sha256 } })) read += piece.length;
        return read;
      });
  }

  /** Reads the metadata of a snapshot. @throws AppError for the first object that is not what was written */
  async readMetadata({ metadata }: Manifest): Promise<void> {
    for (const link of metadata?.chain ?? []) await this.#once(link.object, () => this.#readMetadata(link));
  }

  /** Reads the large files a snapshot needs, but for those the server did not have; what is wrong with each. To be called after `readMetadata`. */
  async readLargeFiles({ server, metadata, lfs }: Manifest): Promise<BrokenFile[]> {
    const missing = new Set(lfs?.missing.map(({ oid }) => oid));
    const named = new Set(
      (metadata?.chain ?? []).flatMap(({ object, skip = 0 }) =>
        (this.#named.get(object) ?? []).filter(({ line }) => line > skip).map(({ oid }) => oid),
      ),
    );
    const problems: BrokenFile[] = [];
    for (const oid of named) {
      if (missing.has(oid)) continue;
      const name = lfsName(server.id, oid);
      try {
        await this.#once(name, async () => (await readLargeFile(this.#place, name, oid, this.#signal)).bytes);
      } catch (error) {
        if (!(error instanceof AppError) || !damaged.has(error.code)) throw error;
        problems.push({ object: name, message: error.message });
      }
    }
    return problems;
  }

  async #once(name: string, read: () => Promise<number>): Promise<void> {
    if (this.#whole.has(name)) return;
    const known = this.#broken.get(name);
    if (known !== undefined) throw known;
    try {
      this.#whole.set(name, await read());
    } catch (caught) {
      this.#signal.throwIfAborted();
      const error = asAppError(caught);
      if (damaged.has(error.code)) this.#broken.set(name, error);
      throw error;
    }
  }

  async #readMetadata(link: MetadataLink): Promise<number> {
    const named: { oid: string; line: number }[] = [];
    for await (const { record, line } of readRecords({ ...link, skip: 0 }, this.#place, { signal: this.#signal, kinds: [lfsObjects] }))
      if ('value' in record) named.push({ oid: record.key, line });
    this.#named.set(link.object, named);
    return link.bytes;
  }
}

/** Errors that say that what was stored is not there any more as it was; all others say nothing of it. */
export const damaged: ReadonlySet<string> = new Set(['not-found', 'storage-corrupt', 'storage-foreign', 'backup-damaged']);

/** Counts the records that stand, and says where the manifest has other counts. */
export async function miscounted(place: ManifestPlace, { metadata }: Manifest, signal: AbortSignal): Promise<string[]> {
  const counts = new Map<string, number>();
  for await (const { kind } of readMetadata(place, metadata?.chain ?? [], { signal })) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return Object.entries(metadata?.kinds ?? {}).flatMap(([kind, state]) => {
    const found = counts.get(kind) ?? 0;
    if (state.state !== 'saved' || state.records === found) return [];
    return [`${wordsOfKind(kind)}: ${found} in storage where ${state.records} were saved`];
  });
}
