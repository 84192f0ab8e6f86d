import type * as v from 'valibot';
import type { Asking, Reader } from './reader.ts';

/** A body to send: JSON, plain text, or one file as a form's field. */
export type Sent =
  | { readonly json: unknown; readonly mediaType?: string }
  | { readonly form: { readonly field: string; readonly fileName: string; readonly contentType: string; readonly bytes: Uint8Array } }
  | { readonly nothing: true };

export interface Sending<S extends v.GenericSchema> extends Asking {
  readonly body: Sent;
  /** What the answer's body must be. */
  readonly schema: S;
}

/** Changes a server as somebody, and reads it as well. Only a restore has one. */
export interface Writer extends Reader {
  /**
   * Sends once; again only when it was throttled (429), for what became of a POST that failed otherwise is not known. An empty answer is
   * `null` to the schema. Rejects as `Reader` does, with `facts.exception` and the server's words for a refusal.
   */
  send<S extends v.GenericSchema>(method: 'POST' | 'PUT' | 'DELETE', path: string, sending: Sending<S>): Promise<v.InferOutput<S>>;
}
