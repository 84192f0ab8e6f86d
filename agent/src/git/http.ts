import { getCACertificates } from 'node:tls';
import { Agent, type Dispatcher } from 'undici';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import { brokenAnswer, isClosedConnection, noAnswer } from './connection-error.ts';
import { exchange, type Answer } from './exchange.ts';
import { whyUnusable } from './http-answer.ts';
import type { GitAnswer, GitRequestOptions, GitTransport } from './transport.ts';

/** How long silence is borne. */
export interface Patience {
  /** Until the answer's head: a server may count objects for minutes before it says anything. */
  readonly answerSeconds: number;
  /** Between two pieces of the answer, while we are ready to read; git sends a keep-alive every 5 s. */
  readonly stallSeconds: number;
}

const longestRefusal = 64 * 1024;
const usualPatience: Patience = { answerSeconds: 300, stallSeconds: 120 };

export interface UndiciTransportOptions {
  /** The repo's clone URL, without credentials: `https://host/context/scm/key/slug.git`. */
  readonly url: string;
  /** Null asks without a credential. */
  readonly token: Secret | null;
  /** The server's connections, kept alive and shared by all its repos; see `gitConnections`. */
  readonly dispatcher: Dispatcher;
  readonly patience?: Partial<Patience> | undefined;
  readonly clock?: Clock | undefined;
}

/** Kept-alive connections. `ca`: PEM of certificates to trust beside the machine's own. Close it when done. */
export function gitConnections({ ca }: { readonly ca?: string | undefined } = {}): Agent {
  return new Agent({
    keepAliveTimeout: 30_000,
    ...(ca === undefined ? {} : { connect: { ca: [...getCACertificates('default'), ca] } }),
  });
}

/** Reaches one repo with one credential. Follows no redirect, ever: the token goes to the given host or nowhere. */
export function undiciTransport(options: UndiciTransportOptions): GitTransport {
  const { token, dispatcher, clock = systemClock } = options;
  const url = options.url.replace(/\/+$/, '');
  const patience = { ...usualPatience, ...options.patience };

  const ask = async (path: string, contentType: string, call: Call): Promise<GitAnswer> => {
    const { signal } = call.options;
    const { origin, pathname, search } = new URL(`${url}/${path}`);
    const request: Dispatcher.DispatchOptions = {
      origin,
      path: pathname + search,
      method: call.body === undefined ? 'GET' : 'POST',
      headers: {
        'user-agent': 'git/gitprotect',
        accept: contentType,
        ...(call.body === undefined ? {} : { 'content-type': 'application/x-git-upload-pack-request' }),
        ...call.options.headers,
        ...(token === null ? {} : { authorization: `Bearer ${token.reveal()}` }),
      },
      body: call.body ?? null,
      headersTimeout: patience.answerSeconds * 1000,
      bodyTimeout: patience.stallSeconds * 1000,
    };
    const send = async (): Promise<Answer> => exchange(dispatcher, request, { signal, broken: (error) => brokenAnswer(error, url) });
    const { status, headers: received, body } = await sendOnceMore(send, url, signal);
    const headers = Object.fromEntries(
      Object.entries(received).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    );
    const problem = whyUnusable({ status, headers }, url, contentType, clock.now());
    if (problem !== undefined) {
      await readAway(body).catch(() => undefined);
      throw problem;
    }
    return { status, headers, body };
  };

  return {
    url,
    get: async (path, requestOptions) => ask(path, 'application/x-git-upload-pack-advertisement', { options: requestOptions }),
    post: async (path, body, requestOptions) => ask(path, 'application/x-git-upload-pack-result', { body, options: requestOptions }),
  };
}

interface Call {
  readonly body?: Uint8Array;
  readonly options: GitRequestOptions;
}

/** Both requests only read, so one that met a connection the server had just closed is sent again. */
async function sendOnceMore<T>(send: () => Promise<T>, url: string, signal: AbortSignal): Promise<T> {
  try {
    return await send().catch((error: unknown) => {
      if (!signal.aborted && isClosedConnection(error)) return send();
      throw error;
    });
  } catch (error) {
    signal.throwIfAborted();
    throw noAnswer(error, url);
  }
}

/** Reads a short answer to its end, so that its connection serves again; a long one is cut off. */
async function readAway(body: AsyncIterable<Uint8Array>): Promise<void> {
  let bytes = 0;
  for await (const chunk of body) if ((bytes += chunk.length) > longestRefusal) return;
}
