import { AppError } from '@gitprotect/shared/errors';
import type { Ledger } from '../../catalogue/ledger.ts';
import type { NamedHash } from '../../catalogue/ledger-list.ts';
import { readLargeFile } from '../../catalogue/large-file.ts';
import type { ManifestPlace } from '../../catalogue/manifest-object.ts';
import { lfsName } from '../../storage/layout.ts';

/**
 * Large files that lie in storage and stand in no signed list yet: other jobs of this run have stored them, or a run that was killed, or broke off. Whoever comes
 * to need one lists it himself, as nobody knows whether the others will.
 */
export class StoredFiles {
  readonly #place: ManifestPlace;
  readonly #ledger: Pick<Ledger, 'listed'>;
  /** What was stored in this run, by name. */
  readonly #ours = new Map<string, NamedHash>();

  constructor(place: ManifestPlace, ledger: Pick<Ledger, 'listed'>) {
    this.#place = place;
    this.#ledger = ledger;
  }

  /** Remembers what was stored just now. */
  note(stored: NamedHash): void {
    this.#ours.set(stored.name, stored);
  }

  /**
   * Those of these large files that no list names. What this run did not write is read, as storage alone is not believed: one that is not what its name says is
   * left out, for drills to find.
   */
  async unlisted(serverId: string, oids: readonly string[], signal: AbortSignal): Promise<NamedHash[]> {
    const names = oids.map((oid) => lfsName(serverId, oid));
    const listed = new Set(await this.#ledger.listed(serverId, names));
    const found: NamedHash[] = [];
    for (const oid of oids) {
      const name = lfsName(serverId, oid);
      if (listed.has(name)) continue;
      const stored = this.#ours.get(name) ?? (await this.#read(name, oid, signal));
      if (stored !== undefined) found.push(stored);
    }
    return found;
  }

  async #read(name: string, oid: string, signal: AbortSignal): Promise<NamedHash | undefined> {
    try {
      return { name, sha256: (await readLargeFile(this.#place, name, oid, signal)).sha256 };
    } catch (error) {
      if (error instanceof AppError && ['storage-corrupt', 'storage-foreign', 'not-found'].includes(error.code)) return undefined;
      throw error;
    }
  }
}
