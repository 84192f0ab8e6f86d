import type { MetadataKind } from '@gitprotect/shared/metadata';
import type { Scope } from '../endpoint.ts';
import type { Reader } from '../reader.ts';

/** One record as a reader gives it. `value` is what the server sent, unknown fields included. */
export interface ReadRecord {
  /** Another kind than the reader's, where one thing leads to another: a pull request to its attachments. */
  readonly kind?: MetadataKind;
  /** Unique within the kind; `-` where there is one only. Of letters, digits and `.:_-`. */
  readonly key: string;
  /** What can be seen of it without reading it whole; equal stamps mean nothing to read. */
  readonly stamp?: string;
  readonly value: unknown;
}

/** A record that was not read again, because its stamp is the one known. */
export interface SameRecord {
  readonly kind?: MetadataKind;
  readonly key: string;
  readonly same: true;
}

export interface ReadingOptions {
  readonly signal: AbortSignal;
  /** The stamp of a record that the last snapshot holds. */
  readonly stampOf: (kind: MetadataKind, key: string) => string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Operations of the API as published: `GET /api/latest/projects/{projectKey}`. */
export type Operation = string;

/**
 * Reads one kind of metadata. What the server refuses is thrown as the client's errors: `token-no-read` (not permitted), `not-found` (this
 * Bitbucket has no such thing), and the others.
 */
export interface KindReader {
  readonly kind: MetadataKind;
  /** The right it needs on the repo or project. */
  readonly needs: 'read' | 'admin';
  /** What it asks at each level; a level that is absent has nothing of this kind. */
  readonly operations: { readonly repo?: readonly Operation[]; readonly project?: readonly Operation[] };
  /** What of a value counts as a change, where the server mixes in what moves by itself; all of it when absent. */
  readonly essence?: (value: unknown) => unknown;
  read(from: Reader, scope: Scope, options: ReadingOptions): AsyncIterable<ReadRecord | SameRecord>;
}
