/** An object in storage, by name and size. */
export interface StoredObject {
  readonly name: string;
  readonly bytes: number;
}

/** What was written, as it lies in storage: size, and SHA-256 in lower-case hex. */
export interface Stored {
  readonly bytes: number;
  readonly sha256: string;
}

export interface PutOptions {
  readonly signal: AbortSignal;
}

export interface GetOptions {
  readonly signal: AbortSignal;
  /** What `put` returned for this object. Other bytes end the stream with `storage-corrupt` after the last of them. */
  readonly expect?: Stored | undefined;
}

/**
 * Where backups lie: objects with names, created once, never changed. Names are those that `checkName` accepts.
 *
 * Every implementation passes the suite in `storage-contract.ts`. All methods reject with an `AppError`:
 * `storage-missing` (the place itself is gone), `storage-read-only`, `storage-full`, `storage-unreachable`; or with the signal's reason.
 */
export interface Storage extends AsyncDisposable {
  /** How messages name it: a folder's path, a bucket's URL. No secret. */
  readonly place: string;

  /**
   * Writes an object whose bytes come from `source`, read no faster than they can be written.
   *
   * Create-only and atomic: of several writers of one name exactly one resolves, the others reject with `storage-exists`. Once it resolves
   * the object survives a power cut. If it rejects, for whatever reason (`source` throws, the signal aborts), there is no object of that
   * name by this call, and nothing else that `list` shows. `source` is told to stop.
   */
  put(name: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<Stored>;

  /** The bytes of an object, read as they are asked for. Rejects with `not-found` before the first byte. May be called at any time, also in parallel. */
  get(name: string, options: GetOptions): Promise<AsyncIterable<Uint8Array>>;

  /** All objects whose names start with `prefix` (any string, `''` for all), in any order. Shows only whole objects. */
  list(prefix: string): AsyncIterable<StoredObject>;

  /** Size of an object, or `undefined` when there is none. */
  stat(name: string): Promise<StoredObject | undefined>;

  /** Removes an object. It is no error when there is none. Only pruning calls this. */
  remove(name: string): Promise<void>;

  /** Bytes that can still be written, or `null` where the place does not say. */
  freeBytes(): Promise<number | null>;
}
