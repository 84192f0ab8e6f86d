import type { NamedHash } from '../../catalogue/ledger-list.ts';
import { newId } from '../../lib/id.ts';
import { type MarkedAndSwept, type MarkWork, sum } from './mark-and-sweep.ts';
import type { PrunePlace } from './prune-place.ts';
import { nothingSwept, type Swept } from './sweep.ts';

/** Work on one subject. */
export interface BatchWork extends MarkWork {
  /** How many were read for it. */
  readonly snapshots: number;
  readonly done: (result: MarkedAndSwept) => Promise<void>;
}

/** So many subjects share a list: a few lists a prune, however many repos there are, and what was judged is done soon. */
const most = 50;
/** And no more once there are so many snapshots, as what was read of them may wait in memory. */
const mostSnapshots = 5000;

/**
 * What a prune removes and marks, some subjects at a time: one signed list for them says what goes, then it goes, then marks are written, which the next
 * list names. To be ended by `flush`.
 */
export class PruneBatch {
  swept: Swept = nothingSwept;
  readonly marked = { snapshots: 0, objects: 0 };
  readonly #place: PrunePlace;
  readonly #signal: AbortSignal;
  #serverId = '';
  #work: BatchWork[] = [];
  /** Marks that no list names yet. */
  #written: NamedHash[] = [];

  constructor(place: PrunePlace, signal: AbortSignal) {
    this.#place = place;
    this.#signal = signal;
  }

  async add(serverId: string, work: BatchWork): Promise<void> {
    if (serverId !== this.#serverId) await this.flush();
    this.#serverId = serverId;
    this.#work.push(work);
    const read = this.#work.reduce((snapshots, one) => snapshots + one.snapshots, 0);
    if (this.#work.length >= most || read >= mostSnapshots) await this.#act();
  }

  /** Does what is left, and lists the last marks. */
  async flush(): Promise<void> {
    await this.#act();
    await this.#list({ again: [], names: [] });
  }

  async #act(): Promise<void> {
    const work = this.#work;
    this.#work = [];
    await this.#list({ again: work.flatMap((one) => one.again), names: work.flatMap((one) => one.names) });
    for (const { act, done } of work) {
      this.#signal.throwIfAborted();
      const result = await act();
      await done(result);
      this.swept = sum(this.swept, result.swept);
      this.marked.snapshots += result.marked.snapshots;
      this.marked.objects += result.marked.objects;
      if (result.written !== null) this.#written.push(result.written);
    }
  }

  async #list({ again, names }: Pick<BatchWork, 'again' | 'names'>): Promise<void> {
    const added = [...this.#written, ...again];
    if (added.length + names.length > 0)
      await this.#place.ledger.appendAny(this.#serverId, { id: newId('prune'), added, removed: names }, this.#signal);
    this.#written = [];
  }
}
