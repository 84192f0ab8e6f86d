import type { Token } from './model.ts';
import type { Simulator } from './simulator.ts';

/** The JSON of an answer; `at('values.0.id')` reaches into it. */
type Json = Record<string, unknown> & { at(path: string): unknown };

interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
  /** Name of the first error's exception, without its package. */
  readonly exception: string | undefined;
}

export type Asked = (method: string, path: string, token: Token, body?: object) => Promise<Said>;

/** Asks REST below `base` with a token. */
export function asking({ url }: Pick<Simulator, 'url'>, base: string): Asked {
  return async (method, path, token, body) => {
    const response = await fetch(url + base + path, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${token.secret}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const value = (text.startsWith('{') ? JSON.parse(text) : { text }) as Record<string, unknown>;
    const json = Object.defineProperty(value, 'at', { value: (path: string) => reach(value, path), enumerable: false }) as Json;
    const exception = json.at('errors.0.exceptionName');
    return {
      status: response.status,
      headers: response.headers,
      body: json,
      exception: typeof exception === 'string' ? exception.split('.').at(-1) : undefined,
    };
  };
}

const reach = (value: unknown, path: string): unknown =>
  path.split('.').reduce((at: unknown, name) => (at as Record<string, unknown> | undefined)?.[name], value);
