import type { MetadataKind } from '@gitprotect/shared/metadata';
import type { Scope } from '../endpoint.ts';
import type { Writer } from '../writer.ts';
import type { Operation } from './kind-reader.ts';

/** Whom the target server knows. Answers are kept: each principal is asked for once. */
export interface Principals {
  /** The target's user of that name (or slug), with the numeric id that only this server has; `null` when it has none. */
  user(name: string): Promise<{ readonly id: number; readonly name: string; readonly slug: string } | null>;
  group(name: string): Promise<boolean>;
  /** Of one that was looked up in vain: that the server has none of the name, or that the token may not look. */
  whyUnknown(of: 'user' | 'group', name: string): string;
}

/** Where and as whom to write. */
export interface WriteContext {
  readonly target: Writer;
  readonly scope: Scope;
  readonly principals: Principals;
  readonly signal: AbortSignal;
}

/** One change, or the reason why there is none. `what` is the thing in words: `webhook “ci”`. */
export type PlannedChange =
  | { readonly state: 'will'; readonly what: string; readonly apply: () => Promise<void> }
  | { readonly state: 'cannot' | 'to-do' | 'kept'; readonly what: string; readonly why: string };

/** Puts one kind of metadata back. */
export interface KindWriter {
  readonly kind: MetadataKind;
  /** The right it needs on the target. */
  readonly needs: 'write' | 'admin';
  readonly operations: { readonly repo?: readonly Operation[]; readonly project?: readonly Operation[] };
  /**
   * What to do so that the target has what the record says. Reads the target, changes nothing. Restores add: what the target has beyond the
   * record stays. A change's `apply` rejects with the client's errors.
   * @param value a record's value as stored: any field may be missing or unknown
   */
  plan(value: unknown, context: WriteContext): Promise<PlannedChange[]>;
}
