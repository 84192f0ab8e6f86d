import type { Database } from './database.ts';

/** Keeps what was read from the database, each under a key, for as long as nothing is written to it. */
export class ReadMemory<T> {
  readonly #db: Pick<Database, 'changes'>;
  readonly #kept = new Map<string, Promise<T>>();
  #changes = -1;

  constructor(db: Pick<Database, 'changes'>) {
    this.#db = db;
  }

  async read(key: string, read: () => Promise<T>): Promise<T> {
    const changes = this.#db.changes();
    if (changes !== this.#changes) this.#kept.clear();
    this.#changes = changes;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const reading = read();
    this.#kept.set(key, reading);
    reading.catch(() => this.#kept.delete(key));
    return reading;
  }
}
