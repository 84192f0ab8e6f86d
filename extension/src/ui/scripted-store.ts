import { AppError } from '@gitprotect/shared/errors';
import type { Call, Method, Params, Result } from '@gitprotect/shared/protocol';
import type { Connection, LocalMethod, PushedEvent } from '../agent/messages.ts';
import { type Local, Store } from './store/store.ts';

/** Answers by method, as values, promises or functions of the parameters. What is missing is refused. */
export type Script = {
  [M in Method]?: Result<M> | ((params: Params<M>) => Result<M> | Promise<Result<M>>);
};

/** A store whose background is a script: for tests, which is why its answers need not be checked. */
export interface Scripted extends Disposable {
  readonly store: Store;
  /** Every call that was made, in order. */
  readonly calls: { readonly method: string; readonly params: unknown }[];
  /** Answers from now on. */
  readonly answer: (script: Script) => void;
  readonly push: (event: PushedEvent) => void;
}

export function scripted(first: Script = {}, connection: Connection = { state: 'connected', port: 7717 }): Scripted {
  let script = first;
  const calls: { method: string; params: unknown }[] = [];
  const listeners: ((event: PushedEvent) => void)[] = [];
  const reply = async (method: Method | LocalMethod, params: unknown): Promise<unknown> => {
    calls.push({ method, params });
    const found: unknown = Object.entries(script).find(([name]) => name === method)?.[1];
    if (found === undefined) throw new AppError('internal', `no answer for ${method}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a script for tests
    return typeof found === 'function' ? (found as (asked: unknown) => unknown)(params) : found;
  };
  const store = new Store({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a script for tests
    call: reply as Call,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a script for tests
    local: (async (method, params) => (method === 'connection' ? connection : reply(method, params))) as Local,
    enableSite: async (url) => ({ url, permitted: true, problem: null }),
    now: () => Date.UTC(2026, 10, 22, 12),
    subscribe: (listener, signal) => {
      listeners.push(listener);
      signal.addEventListener('abort', () => listeners.splice(listeners.indexOf(listener), 1));
      listener({ name: 'connection', body: connection });
    },
  });
  return {
    store,
    calls,
    answer: (next) => {
      script = { ...script, ...next };
    },
    push: (event) => {
      for (const listener of listeners) listener(event);
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}
