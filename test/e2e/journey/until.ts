import { setTimeout as delay } from 'node:timers/promises';

/** How long a machine with other work to do may take before it is called broken, in milliseconds. */
const patience = 40_000;

/**
 * Looks again and again until `look` answers something else than `undefined`; answers that.
 * @param wanted what it waits for, for the error
 * @param instead what is there instead, for the error
 */
export async function until<T>(
  wanted: string,
  look: () => Promise<T | undefined>,
  instead: () => Promise<string> = () => Promise.resolve(''),
  milliseconds = patience,
): Promise<T> {
  const deadline = AbortSignal.timeout(milliseconds);
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (deadline.aborted) throw new Error(`${wanted} did not come in ${milliseconds / 1000} s. ${await instead()}`.trim());
    await delay(30);
  }
}
