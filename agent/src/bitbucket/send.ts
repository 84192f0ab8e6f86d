import { AppError } from '@gitprotect/shared/errors';
import type { Dispatcher } from 'undici';
import * as v from 'valibot';
import type { Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import { answerError } from './answer-error.ts';
import type { Timeouts } from './connections.ts';
import { exchange, type RawAnswer } from './exchange.ts';
import { parseJson } from './parse-json.ts';
import { waitOut } from './wait-out.ts';
import type { Sent, Writer } from './writer.ts';

interface Line {
  readonly baseUrl: string;
  readonly connections: Dispatcher;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
}

const longestSeconds = 300;

/** How a `Writer` sends: as one user, who waits out throttling. */
export function sendAs({ baseUrl, connections, timeouts, clock }: Line, token: Secret): Writer['send'] {
  return async (method, path, { body, schema, query, headers = {}, signal }) => {
    const url = new URL(baseUrl + path);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, String(value));
    const question = { method, url: url.href, token, headers: { accept: 'application/json', ...headers }, signal, send: encode(body) };
    const sendOnce = async () => {
      const answer = await exchange(connections, question, timeouts);
      if (answer.status >= 200 && answer.status < 300) return read(answer, schema);
      if (answer.status >= 300 && answer.status < 400) throw moved(url.href, answer);
      throw answerError(answer, true, clock.now(), true);
    };
    return waitOut(sendOnce, { clock, signal, longestSeconds });
  };
}

/** A change is never sent on: the place it was meant for is named, and that is not where it would go. */
function moved(url: string, { status, headers }: RawAnswer): AppError {
  return new AppError(
    'server-redirects',
    `${url} redirects (HTTP ${status})${headers['location'] === undefined ? '' : ` to ${headers['location']}`}`,
    {
      remedy: 'use the present key of the project and name of the repository, and the address of the server that it redirects to',
    },
  );
}

function read<S extends v.GenericSchema>(answer: RawAnswer, schema: S): v.InferOutput<S> {
  if (answer.bytes.length > 0) return parseJson(answer, schema);
  const parsed = v.safeParse(schema, null);
  if (parsed.success) return parsed.output;
  throw new AppError('server-bad-answer', `${answer.url} answered nothing where something was expected`, { remedy: 'try again' });
}

function encode(sent: Sent): { contentType: string; bytes: Uint8Array } | undefined {
  if ('json' in sent) return { contentType: sent.mediaType ?? 'application/json', bytes: Buffer.from(JSON.stringify(sent.json)) };
  if ('nothing' in sent) return undefined;
  const { field, fileName, contentType, bytes } = sent.form;
  // Of the file's own bytes nothing may look like the end of the part.
  const boundary = `gitprotect-${crypto.randomUUID()}`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${fileName}"\r\nContent-Type: ${contentType}\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
