import type { ServerResponse } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import { BitbucketError } from './errors.ts';
import type { Answer } from './router.ts';

/** Sends a handler's answer. `through` is where faults of the body act. */
export function send(response: ServerResponse, answer: Answer, through?: Transform): void {
  const body = bytesOf(answer.body);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.body !== undefined && !response.hasHeader('Content-Type'))
    response.setHeader('Content-Type', 'application/json;charset=UTF-8');
  response.statusCode = answer.status;
  if (through === undefined) {
    if (answer.status !== 204) response.setHeader('Content-Length', body.length);
    response.end(body);
    return;
  }
  Readable.from([body]).pipe(through).pipe(response);
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  return Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** An error as the answer Bitbucket gives; anything that is not Bitbucket's is a fault of the simulator and shows as 500. */
export function errorAnswer(error: unknown, url: string): Answer {
  if (!(error instanceof BitbucketError)) {
    return { status: 500, body: { errors: [{ context: null, message: `simulator: ${String(error)}`, exceptionName: null }] } };
  }
  const challenge = error.status === 401 ? { 'WWW-Authenticate': `OAuth realm="${encodeURIComponent(url)}"` } : {};
  const body = error.errors.length === 0 ? platformBody(error.status) : { errors: error.errors };
  return { status: error.status, body, headers: { ...challenge, ...error.headers } };
}

const reasons: Readonly<Record<number, string>> = { 404: 'Not Found', 405: 'Method Not Allowed' };

/** What the plugin framework itself says, without Bitbucket's envelope: unknown routes, unknown tokens. */
export function platformBody(status: number): object {
  return { message: `HTTP ${status} ${reasons[status] ?? ''}`, 'status-code': status, 'sub-code': -1 };
}

/** The same for clients that did not ask for JSON. */
export function platformXml(status: number): Answer {
  return {
    status,
    body: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><status><status-code>${status}</status-code><sub-code>-1</sub-code><message>HTTP ${status} ${reasons[status] ?? ''}</message></status>`,
    headers: { 'Content-Type': 'application/xml' },
  };
}
