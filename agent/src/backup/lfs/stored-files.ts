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
  readonly #ledger: Pick<Ledger, 'listed' | 'catchUp'>;
  /** What was stored in this run, by name. */
  readonly #ours = new Map<string, NamedHash>();
  readonly #caughtUp = new Set<string>();

  constructor(place: ManifestPlace, ledger: Pick<Ledger, 'listed' | 'catchUp'>) {
    this.#place = place;
    this.#ledger = ledger;
  }

  /** Remembers what was stored just now. */
  note(stored: NamedHash): void {
    this.#ours.set(stored.name, stored);
  }

  /**
   * Those of these large files that no list names. What this run did not write is read, as storage alone is not believed: one that is not what its name says is
   * left out, for drills to find. `gone`: oids of those that are not there any more.
   */
  async unlisted(
    serverId: string,
    oids: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly found: readonly NamedHash[]; readonly gone: readonly string[] }> {
    const found: NamedHash[] = [];
    const gone: string[] = [];
    for (const oid of await this.#notListed(serverId, oids, signal)) {
      const name = lfsName(serverId, oid);
      const stored = this.#ours.get(name) ?? (await this.#read(name, oid, signal));
      if (stored === 'gone') gone.push(oid);
      else if (stored !== 'damaged') {
        this.note(stored);
        found.push(stored);
      }
    }
    return { found, gone };
  }

  /** Lists that came since the database was last brought up to date count too: what they name need not be read. */
  async #notListed(serverId: string, oids: readonly string[], signal: AbortSignal): Promise<string[]> {
    const listed = new Set(
      await this.#ledger.listed(
        serverId,
        oids.map((oid) => lfsName(serverId, oid)),
      ),
    );
    const others = oids.filter((oid) => !listed.has(lfsName(serverId, oid)));
    if (this.#caughtUp.has(serverId) || others.every((oid) => this.#ours.has(lfsName(serverId, oid)))) return others;
    await this.#ledger.catchUp(serverId, signal);
    this.#caughtUp.add(serverId);
    return this.#notListed(serverId, others, signal);
  }

  async #read(name: string, oid: string, signal: AbortSignal): Promise<NamedHash | 'gone' | 'damaged'> {
    try {
      return { name, sha256: (await readLargeFile(this.#place, name, oid, signal)).sha256 };
    } catch (error) {
      if (error instanceof AppError && error.code === 'not-found') return 'gone';
      if (error instanceof AppError && ['storage-corrupt', 'storage-foreign'].includes(error.code)) return 'damaged';
      throw error;
    }
  }
}
