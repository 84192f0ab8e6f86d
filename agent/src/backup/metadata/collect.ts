import { AppError, asAppError, type ErrorCode } from '@gitprotect/shared/errors';
import { metadataKinds, wordsOfKind, type KindState, type KindStates, type MetadataKind } from '@gitprotect/shared/metadata';
import type { Scope } from '../../bitbucket/endpoint.ts';
import type { KindReader } from '../../bitbucket/metadata/kind-reader.ts';
import type { Manifest } from '../../catalogue/manifest.ts';
import { contentHash, indexKey, indexLine, isKey, readIndexLine, type IndexEntry } from '../../catalogue/metadata-index.ts';
import type { MetadataRecord } from '../../catalogue/metadata-record.ts';
import type { MetadataAccess } from './metadata-access.ts';

export interface CollectOptions {
  readonly readers: readonly KindReader[];
  readonly access: MetadataAccess;
  readonly scope: Scope;
  /** What the last snapshot holds. */
  readonly before: Pick<NonNullable<Manifest['metadata']>, 'index'> | null;
  readonly leaveOut: readonly MetadataKind[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** Told each value that was read, whether it is new or not. */
  readonly onValue?: (kind: MetadataKind, value: unknown) => void;
}

/** What stands after a collection. */
export interface Collected {
  readonly kinds: KindStates;
  readonly index: string[];
  readonly warnings: string[];
}

/** With these nothing more can be asked, or the fault is none of this kind's. */
const endsAll: ReadonlySet<ErrorCode> = new Set([
  'repo-not-found',
  'project-not-found',
  'token-rejected',
  'token-expired',
  'throttled',
  'not-covered',
  'vault-locked',
  'vault-unavailable',
  'cancelled',
]);

/**
 * What the API shows only to who knows where to look: comments on a commit by the file's path, restricted settings by a feature's key, which are
 * published nowhere.
 */
const notListable = { repo: 'commit-comments', project: 'settings-restrictions' } as const;

/** Found on the way to another kind, which its state follows. Bitbucket lists none, so one that is not seen again is not gone. */
const follows = { attachments: 'pull-requests' } as const;

/**
 * Reads what a repo or project holds beside git, kind by kind, and compares it with the last snapshot. Values pass through as they come;
 * only index lines are held.
 */
export class Collection {
  readonly #options: CollectOptions;
  readonly #old = new Map<string, IndexEntry>();
  /** What stands, by `indexKey`. */
  readonly #now = new Map<string, IndexEntry>();
  readonly #states = new Map<MetadataKind, KindState>();
  readonly #warnings: string[] = [];

  constructor(options: CollectOptions) {
    this.#options = options;
    for (const line of options.before?.index ?? []) {
      const entry = readIndexLine(line);
      if (entry !== undefined) this.#old.set(indexKey(entry), entry);
    }
  }

  /** What is new, changed or gone. To be read to its end, once; `result` is right after that. */
  async *records(): AsyncGenerator<MetadataRecord> {
    const { readers, scope } = this.#options;
    for (const reader of readers) {
      if (reader.operations[scope.slug === null ? 'project' : 'repo'] === undefined) continue;
      if (this.#isLeftOut(reader.kind)) yield* this.#leaveOut(reader.kind);
      else yield* this.#readOne(reader);
    }
    yield* this.#follow('attachments', this.#states.get(follows.attachments));
    const unlisted = notListable[scope.slug === null ? 'project' : 'repo'];
    this.#states.set(unlisted, { state: this.#options.leaveOut.includes(unlisted) ? 'left-out' : 'not-listable' });
  }

  result(): Collected {
    const kinds: KindStates = {};
    for (const kind of metadataKinds) {
      const state = this.#states.get(kind);
      if (state !== undefined) kinds[kind] = state;
    }
    return { kinds, index: [...this.#now.values()].map(indexLine), warnings: this.#warnings };
  }

  async *#readOne(reader: KindReader): AsyncGenerator<MetadataRecord> {
    const { kind } = reader;
    const { signal } = this.#options;
    try {
      yield* this.#compare(reader);
      yield* this.#goneOf(kind);
      this.#states.set(kind, { state: 'saved', records: this.#count(kind) });
    } catch (caught) {
      signal.throwIfAborted();
      const error = asAppError(caught);
      const state = stateOf(error);
      if (state === null) throw caught;
      const had = this.#keepOld(kind);
      this.#states.set(kind, state);
      const kept = had ? '; what was saved before stays' : '';
      if (state.state === 'failed') this.#warnings.push(`${wordsOfKind(kind)} could not be read: ${state.message}${kept}`);
      else if (had) this.#warnings.push(`${wordsOfKind(kind)} cannot be read any more: ${error.message}${kept}`);
    }
  }

  async *#compare(reader: KindReader): AsyncGenerator<MetadataRecord> {
    const { access, scope, signal, now } = this.#options;
    const from = reader.needs === 'admin' ? access.admin() : access.read;
    if (from === null) throw new AppError('token-no-read', 'no credential in use may administer it');
    // What is left out is as good as known: nothing of it is asked for.
    const stampOf = (kind: MetadataKind, key: string) => (this.#isLeftOut(kind) ? '' : this.#old.get(indexKey({ kind, key }))?.stamp);
    for await (const read of reader.read(from, scope, { signal, stampOf, now })) {
      const { key, kind = reader.kind } = read;
      const at = indexKey({ kind, key });
      // A page that shifts while a list is read shows an item twice.
      if (this.#now.has(at) || (kind !== reader.kind && this.#isLeftOut(kind))) continue;
      const old = this.#old.get(at);
      if ('same' in read) {
        if (old !== undefined) this.#now.set(at, old);
        continue;
      }
      if (!isKey(key)) throw new AppError('server-bad-answer', `${JSON.stringify(key)} cannot be the key of ${wordsOfKind(kind)}`);
      this.#options.onValue?.(kind, read.value);
      const hash = contentHash(reader.essence === undefined ? read.value : reader.essence(read.value));
      this.#now.set(at, { kind, key, hash, ...(read.stamp === undefined ? {} : { stamp: read.stamp }) });
      if (old?.hash !== hash) yield { kind, key, value: read.value };
    }
  }

  *#follow(kind: MetadataKind, leader: KindState | undefined): Generator<MetadataRecord> {
    if (leader === undefined) return;
    if (this.#isLeftOut(kind)) yield* this.#leaveOut(kind);
    else {
      this.#keepOld(kind);
      this.#states.set(kind, leader.state === 'saved' ? { state: 'saved', records: this.#count(kind) } : leader);
    }
  }

  *#leaveOut(kind: MetadataKind): Generator<MetadataRecord> {
    yield* this.#goneOf(kind);
    this.#states.set(kind, { state: 'left-out' });
  }

  *#goneOf(kind: MetadataKind): Generator<MetadataRecord> {
    for (const [at, entry] of this.#old) {
      if (entry.kind === kind && !this.#now.has(at)) yield { kind, key: entry.key, gone: true };
    }
  }

  /** Whether there was any. */
  #keepOld(kind: MetadataKind): boolean {
    const old = [...this.#old].filter(([, entry]) => entry.kind === kind);
    for (const [at, entry] of old) if (!this.#now.has(at)) this.#now.set(at, entry);
    return old.length > 0;
  }

  #count(kind: MetadataKind): number {
    return [...this.#now.values()].filter((entry) => entry.kind === kind).length;
  }

  /** What is found on the way to a kind goes with it. */
  #isLeftOut(kind: MetadataKind): boolean {
    const { leaveOut } = this.#options;
    return leaveOut.includes(kind) || (kind === 'attachments' && leaveOut.includes(follows.attachments));
  }
}

function stateOf(error: AppError): KindState | null {
  switch (error.code) {
    case 'token-no-read':
    case 'token-no-write':
      return { state: 'not-permitted' };
    case 'not-found':
      return { state: 'not-available' };
    default:
      return endsAll.has(error.code) ? null : { state: 'failed', message: error.message };
  }
}
