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
/** A server reads an upload through once more before it says anything. */
const silenceAfterUpload = 10 * 60_000;
const mostRedirects = 3;
/** Of the connection, not of the request: servers name them in actions, and git-lfs sets them itself too. */
const ours = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'expect', 'upgrade', 'te', 'trailer']);

/**
 * Asks once. The token goes to the server's own addresses, and only where the request has no authorisation of its own; with a token no redirect
 * is followed. Rejects with the client's errors for what is no success.
 */
export async function askLfs(line: LfsLine, { method, url, headers, body, token, signal }: LfsRequest): Promise<Dispatcher.ResponseData> {
  const sent = headersOf(headers);
  const authorised = sent['authorization'] !== undefined;
  const withToken = isWithin(line.baseUrl, url) && !authorised;
  await using elsewhere = new Elsewhere();
  for (let next = url, hop = 0; ; hop += 1) {
    const { origin, pathname, search } = webAddress(next);
    const dispatcher = isWithin(line.baseUrl, next) ? line.dispatcher : elsewhere.open();
    let answer: Dispatcher.ResponseData;
    try {
      answer = await dispatcher.request({
        origin,
        path: pathname + search,
        method,
        headers: { 'user-agent': 'gitprotect-agent', ...sent, ...(withToken && { authorization: `Bearer ${token.reveal()}` }) },
        body: body === undefined ? null : body instanceof Uint8Array ? body : Readable.from(body, { objectMode: false }),
        headersTimeout: method === 'PUT' ? silenceAfterUpload : silence,
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
    const error = answerError({ url: next, status, headers: known, body: said }, withToken || authorised, line.now(), method === 'PUT');
    throw withToken ? error : notTheToken(error, next, line);
  }
}

/** Names in lower case, so that none is there twice. */
function headersOf(given: LfsRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !ours.has(name)),
  );
}

function webAddress(address: string): URL {
  const url = new URL(address);
  if (url.protocol === 'https:' || url.protocol === 'http:') return url;
  throw new AppError('server-refused', `the server keeps large files at ${url.protocol}, which is no web address`, {
    remedy: 'look at where Bitbucket is configured to keep large files',
  });
}

/** A refusal where no token was sent says nothing of the token, and another server's throttling nothing of its owner. */
function notTheToken(error: AppError, url: string, { baseUrl }: LfsLine): AppError {
  const { host } = new URL(url);
  const { status } = error.facts;
  const own = isWithin(baseUrl, url);
  if (status === 429 && !own) return new AppError('server-busy', `${host} throttles`, { facts: error.facts, cause: error });
  if (status !== 401 && status !== 403) return error;
  return new AppError('server-bad-answer', `${host} refuses the address it was given for a large file (HTTP ${status})`, {
    remedy: own
      ? 'run the plan again: the address holds for a while only'
      : `large files lie at ${host}, where no token is sent: if that is Bitbucket itself, add the server with that address`,
    facts: error.facts,
    cause: error,
  });
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
