import type * as v from 'valibot';
import { readPages } from './pages.ts';

/** How to ask. */
export interface Asking {
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface AskingFor<S extends v.GenericSchema> extends Asking {
  /** What the answer's body must be; for `pages`, each item. */
  readonly schema: S;
}

/** An answer and whose it is: name and number are `null` where the server did not say. */
export interface Answer<T> {
  readonly body: T;
  readonly userName: string | null;
  /** Bitbucket's number of the user, which a rename leaves as it is. */
  readonly userId: number | null;
}

/** The two ways to ask that every other stands on. */
export interface Asker {
  /** A body in JSON, and the user the server took the request for. */
  ask<S extends v.GenericSchema>(path: string, asking: AskingFor<S>): Promise<Answer<v.InferOutput<S>>>;
  /** A body in plain text. */
  text(path: string, asking: Asking): Promise<string>;
  /** A body as it is: a picture, an attachment. */
  bytes(path: string, asking: Asking): Promise<BinaryBody>;
}

export interface BinaryBody {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
}

/**
 * Reads one server as somebody. Paths start below the base URL: `/rest/api/latest/projects`; names in them are already encoded.
 * Everything rejects with an `AppError`: `throttled` (`facts.retryAfterSeconds`), `token-rejected`, `token-no-read`, `project-not-found`,
 * `server-…` and the others of `answer-error.ts`, `connection-error.ts` and `redirect.ts`. An aborted signal rejects with its reason.
 */
export interface Reader extends Asker {
  readonly baseUrl: string;
  get<S extends v.GenericSchema>(path: string, asking: AskingFor<S>): Promise<v.InferOutput<S>>;
  /** Every item of a paged list. */
  pages<S extends v.GenericSchema>(path: string, asking: AskingFor<S>): AsyncGenerator<v.InferOutput<S>, void>;
}

export function readerOf(baseUrl: string, asker: Asker): Reader {
  const get: Reader['get'] = async (path, asking) => (await asker.ask(path, asking)).body;
  return {
    baseUrl,
    ask: (path, asking) => asker.ask(path, asking),
    text: (path, asking) => asker.text(path, asking),
    bytes: (path, asking) => asker.bytes(path, asking),
    get,
    pages: (path, asking) => readPages(get, path, asking),
  };
}
