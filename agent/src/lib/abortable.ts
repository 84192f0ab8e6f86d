/**
 * The items of `source`, until the signal aborts: then it rejects with the signal's reason at once, also while `source` stalls,
 * and tells `source` to stop without waiting for it.
 */
export async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let ended = false;
  // One listener for the whole stream. But a promise for each item: one for all would keep every item alive until the end.
  let interrupt: ((reason: unknown) => void) | undefined;
  const abort = (): void => interrupt?.(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await new Promise<IteratorResult<T, unknown>>((resolve, reject) => {
        interrupt = reject;
        iterator.next().then(resolve, reject);
      });
      if (next.done === true) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (!ended) iterator.return?.().catch(() => {});
  }
}
