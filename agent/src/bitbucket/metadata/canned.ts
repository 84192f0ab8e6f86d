import { answerError } from '../answer-error.ts';
import type { RawAnswer } from '../exchange.ts';
import { parseJson } from '../parse-json.ts';
import { readerOf, type Asking, type Reader } from '../reader.ts';
import type { ReadingOptions } from './kind-reader.ts';

/* What the readers' tests share: a server that is a function. Its answers are judged as the client judges them. */

export interface Canned {
  /** 200 when absent. */
  readonly status?: number;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly contentType?: string;
}

/** `undefined` is how a server answers on a route that it does not know. */
export type CannedServer = (path: string, query: NonNullable<Asking['query']>) => Canned | undefined;

/** A list that never ends must not end the test run. */
const mostRequests = 200;

/** Reads from a function; `asked` grows with each request: path and query. */
export function cannedReader(server: CannedServer): { reader: Reader; asked: string[] } {
  const asked: string[] = [];
  const answerTo = (path: string, { query = {} }: Asking): RawAnswer => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    asked.push(`${path}?${search.toString()}`);
    if (asked.length > mostRequests) throw new RangeError('asked too often');
    const {
      status = 200,
      json,
      bytes,
      contentType = 'application/json',
    } = server(path, query) ?? {
      status: 404,
      json: { message: 'HTTP 404 Not Found', 'status-code': 404 },
    };
    const body = Buffer.from(bytes ?? (json === undefined ? '' : JSON.stringify(json)));
    const headers = { 'content-type': contentType, 'x-ausername': 'ada' };
    const answer = { url: `https://bitbucket.example.com${path}`, status, headers, bytes: body, body: body.toString('utf8') };
    if (status >= 400) throw answerError(answer, true, 0);
    return answer;
  };
  const reader = readerOf('https://bitbucket.example.com', {
    ask: async (path, asking) => ({ body: parseJson(answerTo(path, asking), asking.schema), userName: 'ada', userId: null }),
    text: async (path, asking) => answerTo(path, asking).body,
    bytes: async (path, asking) => {
      const { bytes, headers } = answerTo(path, asking);
      return { bytes, contentType: headers['content-type'] ?? null };
    },
  });
  return { reader, asked };
}

export const repoScope = { projectKey: 'SHOP', slug: 'storefront' };
export const projectScope = { projectKey: 'SHOP', slug: null };

/** A first run, in November 2026. */
export const firstRun: ReadingOptions = { signal: new AbortController().signal, stampOf: () => undefined, now: Date.UTC(2026, 10, 24) };

/** A page as servers send it. */
export const page = (values: readonly unknown[], more: object = {}) => ({
  size: values.length,
  limit: 25,
  isLastPage: true,
  start: 0,
  values,
  ...more,
});
