import { AppError } from '@gitprotect/shared/errors';
import type { Dispatcher } from 'undici';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import { answerError } from './answer-error.ts';
import { connectionsTo, usualTimeouts, type Timeouts } from './connections.ts';
import { exchange, type RawAnswer } from './exchange.ts';
import { parseJson } from './parse-json.ts';
import { patient } from './patient.ts';
import { type Asking, readerOf, type Reader } from './reader.ts';
import { redirectTarget } from './redirect.ts';
import { sendAs } from './send.ts';
import type { Writer } from './writer.ts';

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

/** One Bitbucket server. Dispose closes its connections. */
export interface BitbucketClient extends AsyncDisposable {
  readonly baseUrl: string;
  /**
   * Reads as the owner of a token; `null` reads without a credential. Asks once: whoever may wait or try again does (`patient`, the pool).
   * `onAnswer` is told of each answer, of whatever kind, with its `X-AREQUESTID`.
   */
  as(token: Secret | null, onAnswer?: (requestId: string | undefined) => void): Reader;
  /** Reads and writes as the owner of a token that somebody gave for a restore. */
  writeAs(token: Secret): Writer;
}

interface Asker {
  readonly token: Secret | null;
  readonly onAnswer: ((requestId: string | undefined) => void) | undefined;
}

const mostRedirects = 3;

/** Opens a client with its own kept-alive connections. Dispose closes them. */
export function bitbucketClient(options: ClientOptions): BitbucketClient {
  const { baseUrl, clock = systemClock, timeouts = usualTimeouts } = options;
  const own = options.dispatcher === undefined ? connectionsTo(baseUrl, { ca: options.ca, timeouts }) : undefined;
  const connections = options.dispatcher ?? own;
  if (connections === undefined) throw new TypeError('no connections');

  const fetch = async (path: string, { token, onAnswer }: Asker, { query, headers = {}, signal }: Asking): Promise<RawAnswer> => {
    const url = new URL(baseUrl + path);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, String(value));
    for (let next = url.href, hop = 0; ; hop += 1) {
      const answer = await exchange(connections, { url: next, token, headers, signal }, timeouts);
      onAnswer?.(answer.headers['x-arequestid']);
      if (answer.status >= 200 && answer.status < 300) return answer;
      if (answer.status < 300 || answer.status >= 400) throw answerError(answer, token !== null, clock.now());
      next = redirectTarget(baseUrl, next, answer.headers['location']);
      if (hop === mostRedirects) {
        throw new AppError('server-redirects', `${url.href} redirects in a circle`, { remedy: 'check what stands before Bitbucket' });
      }
    }
  };

  const as: BitbucketClient['as'] = (token, onAnswer) => {
    const asker = { token, onAnswer };
    return readerOf(baseUrl, {
      ask: async (path, asking) => {
        const answer = await fetch(path, asker, { ...asking, headers: { accept: 'application/json', ...asking.headers } });
        return { body: parseJson(answer, asking.schema), userName: userNameOf(answer), userId: userIdOf(answer) };
      },
      text: async (path, asking) =>
        (await fetch(path, asker, { ...asking, headers: { accept: 'text/plain, */*', ...asking.headers } })).body,
      bytes: async (path, asking) => {
        const { bytes, headers } = await fetch(path, asker, { ...asking, headers: { accept: '*/*', ...asking.headers } });
        return { bytes, contentType: headers['content-type'] ?? null };
      },
    });
  };
  return {
    baseUrl,
    as,
    writeAs: (token) => ({ ...patient(as(token), clock), send: sendAs({ baseUrl, connections, timeouts, clock }, token) }),
    [Symbol.asyncDispose]: async () => own?.close(),
  };
}

/** `X-AUSERID`, in decimal. */
function userIdOf(answer: RawAnswer): number | null {
  const value = answer.headers['x-auserid'] ?? '';
  return /^\d{1,15}$/.test(value) ? Number(value) : null;
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
