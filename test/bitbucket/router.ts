import type { IncomingMessage } from 'node:http';
import { invalid } from './errors.ts';
import type { Instance } from './instance.ts';
import type { Identity } from './model.ts';

/** One REST request on its way to a handler. */
export interface Call {
  readonly instance: Instance;
  readonly identity: Identity;
  readonly method: string;
  /** Path below the context path, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The `{names}` of the route's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly request: IncomingMessage;
}

export interface Answer {
  readonly status: number;
  /** Text and bytes are sent as they are, anything else as JSON; absent sends no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

/** `GET /rest/api/latest/projects/{key}`; `latest` also answers under `1.0`. */
export type Routes = Readonly<Record<string, Handler>>;

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const noContent = (): Answer => ({ status: 204 });

interface Compiled {
  readonly method: string;
  /** As published: without `/rest`. */
  readonly operation: string;
  readonly pattern: RegExp;
  readonly handler: Handler;
}

function compile([route, handler]: [string, Handler]): Compiled {
  const [method = '', path = ''] = route.split(' ');
  const pattern = path
    .replaceAll('.', String.raw`\.`)
    .replace('/latest', '/(?:latest|1\\.0)')
    .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return { method, operation: `${method} ${path.replace(/^\/rest(?=\/)/, '')}`, pattern: new RegExp(`^${pattern}/?$`), handler };
}

export type Found =
  | { readonly kind: 'route'; readonly operation: string; readonly handler: Handler; readonly params: Record<string, string> }
  | { readonly kind: 'wrong-method' }
  | { readonly kind: 'unknown' };

export class Router {
  readonly #routes: readonly Compiled[];

  constructor(routes: Routes) {
    this.#routes = Object.entries(routes).map(compile);
  }

  /** The published name of what a request asks for. */
  operation(method: string, path: string): string | undefined {
    return this.#routes.find((route) => route.method === method && route.pattern.test(path))?.operation;
  }

  find(method: string, path: string): Found {
    let known = false;
    for (const route of this.#routes) {
      const match = route.pattern.exec(path);
      if (match === null) continue;
      known = true;
      if (route.method !== method) continue;
      const params = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
      return {
        kind: 'route',
        operation: route.operation,
        handler: route.handler,
        params: Object.fromEntries(params) as Record<string, string>,
      };
    }
    return { kind: known ? 'wrong-method' : 'unknown' };
  }
}

const largestBody = 100_000_000;

/** The request's body, of at most a hundred megabytes. */
export async function body(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw invalid(null, 'The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The request's body as text. */
export async function textBody(request: IncomingMessage): Promise<string> {
  return (await body(request)).toString('utf8');
}

/** The request's JSON object. Unknown properties are the handler's to ignore, as Bitbucket does. */
export async function jsonBody(call: Call): Promise<Record<string, unknown>> {
  const text = await textBody(call.request);
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Falls through: what is no JSON and what is no object are refused alike.
  }
  throw invalid(null, 'The request body is not a JSON object.');
}
