import { asAppError, type ErrorCode } from '@gitprotect/shared/errors';
import { metadataKinds, type KindState, type KindStates, type MetadataKind } from '@gitprotect/shared/metadata';
import type { KindReader, ReadRecord } from '../../bitbucket/metadata/kind-reader.ts';
import type { Scope } from '../../bitbucket/endpoint.ts';
import type { Reader } from '../../bitbucket/reader.ts';
import { contentHash, indexLine, keyPattern, readIndex, type Known } from '../../catalogue/metadata-index.ts';
import type { MetadataRecord } from '../../catalogue/metadata-record.ts';

/** What a collection works with. */
export interface CollectParts {
  readonly readers: readonly KindReader[];
  readonly scope: Scope;
  /** Asks for a kind with whatever credential may. */
  readonly readerFor: (kind: KindReader) => Reader;
  /** What the last snapshot holds. */
  readonly before: { readonly kinds: KindStates; readonly index: readonly string[] } | null;
  readonly leaveOut: readonly MetadataKind[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** Told each value that was read, whether it is new or not. */
  readonly onValue?: (kind: string, value: unknown) => void;
}

/** Attachments are found through the texts that point to them; one that no text names any more was there all the same. */
const forEver: ReadonlySet<string> = new Set<MetadataKind>(['attachments']);

/** What came of it, once all records were taken. */
export interface Collected {
  readonly kinds: KindStates;
  readonly index: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Everything beside git, compared with the last snapshot: `records` gives what is new, changed or gone, as it comes from the server, and
 * nothing for what is as it was. What a kind's reader fails with is that kind's state; its older records stay.
 */
export class Collection {
  readonly #parts: CollectParts;
  readonly #kinds: Record<string, KindState> = {};
  readonly #now = new Map<string, Map<string, Known>>();
  readonly #warnings: string[] = [];

  constructor(parts: CollectParts) {
    this.#parts = parts;
  }

  /** Take all of them, once. */
  async *records(): AsyncGenerator<MetadataRecord, void> {
    const { readers, scope, leaveOut, before } = this.#parts;
    const level = scope.slug === null ? 'project' : 'repo';
    const known = readIndex(before?.index ?? []);
    const read = readers.filter(({ kind, operations }) => operations[level] !== undefined && !leaveOut.includes(kind));
    for (const reader of read) {
      const whole = yield* this.#read(reader, known);
      for (const kind of reader.kind === 'pull-requests' ? ([reader.kind, 'attachments'] as const) : [reader.kind]) {
        if (leaveOut.includes(kind)) continue;
        const keep = !whole || forEver.has(kind);
        yield* this.#rest(kind, known.get(kind), keep);
        if (whole || kind !== reader.kind) this.#kinds[kind] = { state: 'saved', records: this.#of(kind).size };
      }
    }
    if (level === 'repo') this.#kinds['commit-comments'] = { state: 'not-listable' };
    for (const kind of leaveOut) this.#kinds[kind] = { state: 'left-out' };
    // What the plan leaves out now, and what only an older release knew, is in this snapshot no more.
    for (const [kind, records] of known) if (!this.#now.has(kind)) yield* this.#rest(kind, records, false);
  }

  result(): Collected {
    const index = [...this.#now].flatMap(([kind, records]) => [...records].map(([key, one]) => indexLine(kind, key, one)));
    const order = new Map<string, number>(metadataKinds.map((kind, position) => [kind, position]));
    const kinds = Object.entries(this.#kinds).toSorted(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
    return { kinds: Object.fromEntries(kinds), index, warnings: this.#warnings };
  }

  /** @returns whether the kind was read to its end */
  async *#read(reader: KindReader, known: ReturnType<typeof readIndex>): AsyncGenerator<MetadataRecord, boolean> {
    const { readerFor, scope, leaveOut, now, signal } = this.#parts;
    // What is left out is as good as known: nothing of it is asked for.
    const stampOf = (kind: MetadataKind, key: string) => (leaveOut.includes(kind) ? '' : known.get(kind)?.get(key)?.stamp);
    this.#of(reader.kind);
    try {
      for await (const record of reader.read(readerFor(reader), scope, { signal, stampOf, now })) {
        const kind = record.kind ?? reader.kind;
        const before = known.get(kind)?.get(record.key);
        if ('same' in record) {
          if (before !== undefined) this.#of(kind).set(record.key, before);
          continue;
        }
        if (!keyPattern.test(record.key)) throw new RangeError(`${kind} has no usable key`);
        this.#parts.onValue?.(kind, record.value);
        const hash = contentHash(reader.essence?.(record.value) ?? record.value);
        this.#of(kind).set(record.key, { hash, stamp: record.stamp });
        if (before?.hash !== hash) yield asRecord(kind, record);
      }
      return true;
    } catch (caught) {
      signal.throwIfAborted();
      this.#kinds[reader.kind] = this.#stateOf(reader.kind, caught, known.has(reader.kind));
      return false;
    }
  }

  #stateOf(kind: MetadataKind, caught: unknown, had: boolean): KindState {
    const error = asAppError(caught);
    if (endsTheJob.has(error.code)) throw caught;
    const older = had ? '; what older snapshots hold of it stays' : '';
    switch (error.code) {
      case 'token-no-read':
      case 'not-covered':
        if (had) this.#warnings.push(`${kind} may not be read any more${older}`);
        return { state: 'not-permitted' };
      case 'not-found':
        return { state: 'not-available' };
      default:
        this.#warnings.push(`${kind} could not be read: ${error.message}${older}`);
        return { state: 'failed', message: error.message };
    }
  }

  /** What was there and was not read now: kept where that says nothing, else gone. */
  *#rest(kind: string, before: ReadonlyMap<string, Known> | undefined, keep: boolean): Generator<MetadataRecord, void> {
    const now = this.#of(kind);
    for (const [key, one] of before ?? []) {
      if (now.has(key)) continue;
      if (keep) now.set(key, one);
      else yield { kind, key, gone: true };
    }
  }

  #of(kind: string): Map<string, Known> {
    const made = this.#now.get(kind) ?? new Map<string, Known>();
    this.#now.set(kind, made);
    return made;
  }
}

/** With these it makes no sense to go on to the next kind. */
const endsTheJob: ReadonlySet<ErrorCode> = new Set([
  'throttled',
  'repo-not-found',
  'project-not-found',
  'token-rejected',
  'token-expired',
  'vault-locked',
  'cancelled',
]);

const asRecord = (kind: string, { key, value }: ReadRecord): MetadataRecord => ({ kind, key, value });
