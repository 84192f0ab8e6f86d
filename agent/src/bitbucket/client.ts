import { AppError } from '@gitprotect/shared/errors';
import type { Dispatcher } from 'undici';
import * as v from 'valibot';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import { answerError } from './answer-error.ts';
import { connectionsTo, usualTimeouts, type Timeouts } from './connections.ts';
import { exchange, type RawAnswer } from './exchange.ts';
import { readPages } from './pages.ts';
import { parseJson } from './parse-json.ts';
import { redirectTarget } from './redirect.ts';
import { withRetries } from './retry.ts';

export interface ClientOptions {
  /** As `parseServerUrl` gives it. */
  readonly baseUrl: string;
  /** PEM of certificates to trust beside the machine's own. */
  readonly ca?: string | undefined;
  /** Connections to use instead of its own; the giver closes them. */
  readonly dispatcher?: Dispatcher | undefined;
  readonly timeouts?: Timeouts | undefined;
  readonly clock?: Clock | undefined;
}

/** How to ask. `token: null` asks without a credential. */
export interface Asking {
  readonly token: Secret | null;
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface AskingFor<S extends v.GenericSchema> extends Asking {
  /** What the answer's body must be; for `pages`, each item. */
  readonly schema: S;
}

/** An answer and whose it is: `userName` is `null` where the server did not say. */
export interface Answer<T> {
  readonly body: T;
  readonly userName: string | null;
}

/**
 * Reads one Bitbucket server. Paths start below the base URL: `/rest/api/latest/projects`; names in them are already encoded.
 * Everything rejects with an `AppError`: `throttled` (`facts.retryAfterSeconds`), `token-rejected`, `token-no-read`, `project-not-found`,
 * `server-…` and the others of `answer-error.ts`, `connection-error.ts` and `redirect.ts`. An aborted signal rejects with its reason.
 */
export interface BitbucketClient extends AsyncDisposable {
  readonly baseUrl: string;
  get<S extends v.GenericSchema>(path: string, asking: AskingFor<S>): Promise<v.InferOutput<S>>;
  /** As `get`, with the user the server took the request for. */
  ask<S extends v.GenericSchema>(path: string, asking: AskingFor<S>): Promise<Answer<v.InferOutput<S>>>;
  /** The body of an answer in plain text. */
  text(path: string, asking: Asking): Promise<string>;
  /** Every item of a paged list. */
  pages<S extends v.GenericSchema>(path: string, asking: AskingFor<S>): AsyncGenerator<v.InferOutput<S>, void>;
}

const mostRedirects = 3;

/** Opens a client with its own kept-alive connections. Dispose closes them. */
export function bitbucketClient(options: ClientOptions): BitbucketClient {
  const { baseUrl, clock = systemClock, timeouts = usualTimeouts } = options;
  const own = options.dispatcher === undefined ? connectionsTo(baseUrl, { ca: options.ca, timeouts }) : undefined;
  const connections = options.dispatcher ?? own;
  if (connections === undefined) throw new TypeError('no connections');

  const fetchOnce = async (url: string, accept: string, { token, headers = {}, signal }: Asking): Promise<RawAnswer> => {
    for (let next = url, hop = 0; ; hop += 1) {
      const answer = await exchange(connections, { url: next, token, headers: { ...headers, accept }, signal }, timeouts);
      if (answer.status >= 200 && answer.status < 300) return answer;
      if (answer.status < 300 || answer.status >= 400) throw answerError(answer, token !== null, clock.now());
      next = redirectTarget(baseUrl, next, answer.headers['location']);
      if (hop === mostRedirects) {
        throw new AppError('server-redirects', `${url} redirects in a circle`, { remedy: 'check what stands before Bitbucket' });
      }
    }
  };
  const fetch = async (path: string, accept: string, asking: Asking): Promise<RawAnswer> => {
    const url = new URL(baseUrl + path);
    for (const [name, value] of Object.entries(asking.query ?? {})) url.searchParams.set(name, String(value));
    return withRetries(() => fetchOnce(url.href, accept, asking), clock, asking.signal);
  };

  const ask: BitbucketClient['ask'] = async (path, asking) => {
    const answer = await fetch(path, 'application/json', asking);
    return { body: parseJson(answer, asking.schema), userName: userNameOf(answer) };
  };
  const get: BitbucketClient['get'] = async (path, asking) => (await ask(path, asking)).body;
  return {
    baseUrl,
    ask,
    get,
    text: async (path, asking) => (await fetch(path, 'text/plain', asking)).body,
    pages: (path, asking) => readPages(get, path, asking),
    [Symbol.asyncDispose]: async () => own?.close(),
  };
}

/** `X-AUSERNAME` is percent-encoded: a name may be an e-mail address. */
function userNameOf(answer: RawAnswer): string | null {
  const value = answer.headers['x-ausername'];
  if (value === undefined || value === '') return null;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
