import type { Dispatcher } from 'undici';

/** Bytes that may wait for their reader before the connection is told to pause; half of it, and it may go on. */
const most = 1024 * 1024;

/** One answer: its head, and a body to be read once. Stop reading and the connection is closed. */
export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ExchangeOptions {
  readonly signal: AbortSignal;
  /** The error to throw where the body breaks off. */
  readonly broken: (cause: Error) => Error;
}

/**
 * Sends a request and resolves when the answer's head is here. Its chunks are handed on as the socket brought them: undici's own `request` puts a
 * `Readable` in between, which costs more than all of the hashing. Rejects with undici's error, or with the signal's reason.
 */
export async function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { signal, broken }: ExchangeOptions,
): Promise<Answer> {
  signal.throwIfAborted();
  const arriving = new Arriving(broken);
  const abort = (): void => arriving.stop(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  void arriving.ended.then(() => signal.removeEventListener('abort', abort));
  dispatcher.dispatch(request, arriving);
  return { ...(await arriving.head), body: arriving };
}

type Head = Omit<Answer, 'body'>;

/** An answer as undici tells of it, and as its reader asks for it. */
class Arriving implements Dispatcher.DispatchHandler, AsyncIterableIterator<Uint8Array, undefined> {
  readonly #broken: (cause: Error) => Error;
  readonly #head = Promise.withResolvers<Head>();
  readonly #end = Promise.withResolvers<void>();
  #state: 'open' | 'complete' | { readonly failed: unknown } = 'open';
  #controller: Dispatcher.DispatchController | undefined;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #wake = (): void => undefined;

  constructor(broken: (cause: Error) => Error) {
    this.#broken = broken;
  }

  get head(): Promise<Head> {
    return this.#head.promise;
  }

  /** Resolves when nothing more will come. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#state !== 'open') controller.abort(new Error('nobody waits for the answer any more'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Head['headers']): void {
    // 1xx only announce the answer.
    if (status >= 200) this.#head.resolve({ status, headers });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= most) controller.pause();
    this.#wake();
  }

  onResponseEnd(): void {
    this.#settle('complete');
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#head.reject(error);
    this.#settle({ failed: this.#broken(error) });
  }

  /** Ends it from our side, at once: the reader gets `reason`, the connection is closed. */
  stop(reason: unknown): void {
    if (this.#state !== 'open') return;
    this.#head.reject(reason);
    this.#settle({ failed: reason });
    this.#controller?.abort(new Error('the reader stopped'));
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      if (typeof this.#state === 'object') throw this.#state.failed;
      const chunk = this.#waiting.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.length;
        if (this.#bytes <= most / 2) this.#controller?.resume();
        return { done: false, value: chunk };
      }
      if (this.#state === 'complete') return { done: true, value: undefined };
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.stop(new Error('the reader stopped'));
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #settle(state: 'complete' | { readonly failed: unknown }): void {
    if (this.#state !== 'open') return;
    this.#state = state;
    this.#end.resolve();
    this.#wake();
  }
}
