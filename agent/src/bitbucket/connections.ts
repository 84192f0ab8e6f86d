import { getCACertificates } from 'node:tls';
import { Pool } from 'undici';

/** How long the server may take, in milliseconds. */
export interface Timeouts {
  readonly connect: number;
  /** Silence before the head of an answer, and between two pieces of its body. */
  readonly silence: number;
  /** One request with everything in it. */
  readonly whole: number;
}

export const usualTimeouts: Timeouts = { connect: 10_000, silence: 30_000, whole: 120_000 };

/**
 * Kept-alive connections to one server. `ca` is PEM of certificates to trust beside the machine's own. Close it when done.
 * undici follows no redirect unless told to, and here nobody tells it to.
 */
export function connectionsTo(baseUrl: string, options: { readonly ca?: string | undefined; readonly timeouts?: Timeouts } = {}): Pool {
  const { ca, timeouts = usualTimeouts } = options;
  return new Pool(new URL(baseUrl).origin, {
    connections: 8,
    keepAliveTimeout: 30_000,
    connect: { timeout: timeouts.connect, ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }) },
  });
}
