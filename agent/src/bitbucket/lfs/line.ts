import { Readable } from 'node:stream';
import { AppError } from '@gitprotect/shared/errors';
import { isWithin } from '@gitprotect/shared/server';
import { Agent, type Dispatcher } from 'undici';
import type { Secret } from '../../lib/secret.ts';
import { answerError } from '../answer-error.ts';
import { connectionError } from '../connection-error.ts';
import { usualTimeouts } from '../connections.ts';

/** A Bitbucket server as the large file API is asked. */
export interface LfsLine {
  readonly baseUrl: string;
  /** Kept-alive connections to it. */
  readonly dispatcher: Dispatcher;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Where an object is to be had or put, as the server says. */
export interface LfsAction {
  readonly href: string;
  readonly header: Readonly<Record<string, string>>;
}

/** One request. `url` may lead anywhere, a token only to the server itself. */
export interface LfsRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly token: Secret;
  readonly signal: AbortSignal;
}

/** An object is gigabytes at times: only silence ends it. */
const { silence } = usualTimeouts;
const mostRedirects = 3;

/**
 * Asks once. The token goes to the server's own addresses, and only where the request has no authorisation of its own; with a token no redirect
 * is followed. Rejects with the client's errors for what is no success.
 */
export async function askLfs(line: LfsLine, { method, url, headers, body, token, signal }: LfsRequest): Promise<Dispatcher.ResponseData> {
  const own = isWithin(line.baseUrl, url);
  const authorised = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  const withToken = own && !authorised;
  await using elsewhere = new Elsewhere();
  for (let next = url, hop = 0; ; hop += 1) {
    const { origin, pathname, search } = new URL(next);
    const dispatcher = isWithin(line.baseUrl, next) ? line.dispatcher : elsewhere.open();
    let answer: Dispatcher.ResponseData;
    try {
      answer = await dispatcher.request({
        origin,
        path: pathname + search,
        method,
        headers: { 'user-agent': 'gitprotect-agent', ...headers, ...(withToken && { authorization: `Bearer ${token.reveal()}` }) },
        body: body === undefined ? null : body instanceof Uint8Array ? body : Readable.from(body, { objectMode: false }),
        headersTimeout: silence,
        bodyTimeout: silence,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError) throw error;
      throw await connectionError(error, next, usualTimeouts);
    }
    const { statusCode: status } = answer;
    if (status >= 200 && status < 300) {
      elsewhere.keepFor(answer);
      return answer;
    }
    const said = await answer.body.text().catch(() => '');
    const location = header(answer, 'location');
    if (status >= 300 && status < 400 && method === 'GET' && !withToken && !authorised && location !== undefined && hop < mostRedirects) {
      next = new URL(location, next).href;
      continue;
    }
    if (status >= 300 && status < 400) {
      throw new AppError('server-redirects', `${new URL(next).host} redirects a large file; a token is never sent on to another address`, {
        remedy: 'look at the base URL that Bitbucket is configured with',
      });
    }
    const names = ['content-type', 'retry-after', 'x-ausername', 'x-authentication-denied-reason'] as const;
    const known = Object.fromEntries(names.map((name) => [name, header(answer, name)]));
    throw answerError({ url: next, status, headers: known, body: said }, withToken || authorised, line.now(), method === 'PUT');
  }
}

function header({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Connections to wherever objects lie when that is not the server; closed when the answer was read. */
class Elsewhere implements AsyncDisposable {
  #agent: Agent | undefined;
  #kept = false;

  open(): Agent {
    this.#agent ??= new Agent({ connections: 1, keepAliveTimeout: 1 });
    return this.#agent;
  }

  /** The answer is still to be read: the connection closes after it. */
  keepFor({ body }: Dispatcher.ResponseData): void {
    this.#kept = true;
    body.once('close', () => void this.#agent?.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#kept) await this.#agent?.close();
  }
}
