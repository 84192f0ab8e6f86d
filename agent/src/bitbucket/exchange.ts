import { AppError } from '@gitprotect/shared/errors';
import type { Dispatcher } from 'undici';
import type { Secret } from '../lib/secret.ts';
import type { Timeouts } from './connections.ts';
import { connectionError } from './connection-error.ts';

/** One answer as it came, whatever its status. */
export interface RawAnswer {
  readonly url: string;
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Buffer;
  /** The same as text. */
  readonly body: string;
}

/** One request, asked once. */
export interface Question {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly send?: { readonly contentType: string; readonly bytes: Uint8Array } | undefined;
  /** `null` asks without a credential. */
  readonly token: Secret | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** A page of 1000 repos with all their links is below 2 MB, an attachment 5 MB unless an admin allows more. */
const largestBody = 64 * 1024 * 1024;

/**
 * Asks once, as Bearer, and follows nothing.
 * @throws AppError for everything that is not an HTTP answer; the signal's reason when it was aborted
 */
export async function exchange(connections: Dispatcher, question: Question, timeouts: Timeouts): Promise<RawAnswer> {
  const { token, signal, method = 'GET', send } = question;
  const url = new URL(question.url);
  const deadline = AbortSignal.timeout(timeouts.whole);
  try {
    const answer = await connections.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      body: send?.bytes ?? null,
      headers: {
        ...question.headers,
        ...(send === undefined ? {} : { 'content-type': send.contentType }),
        'user-agent': 'gitprotect-agent',
        // Bitbucket refuses forms without it, and every peer always sends it.
        'x-atlassian-token': 'no-check',
        ...(token === null ? {} : { authorization: `Bearer ${token.reveal()}` }),
      },
      headersTimeout: timeouts.silence,
      bodyTimeout: timeouts.silence,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    );
    const bytes = await bytesOf(answer.body, question.url, Number(headers['content-length']));
    return { url: question.url, status: answer.statusCode, headers, bytes, body: bytes.toString('utf8') };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AppError) throw error;
    throw await connectionError(error, question.url, timeouts);
  }
}

async function bytesOf(body: AsyncIterable<Uint8Array>, url: string, declared: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > largestBody) {
      throw new AppError('server-bad-answer', `${url} answered with more than ${largestBody / 1024 / 1024} MB`, {
        remedy: 'check the server URL and what stands between this machine and Bitbucket',
        facts: { tooLarge: Number.isNaN(declared) ? size : declared },
      });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
