import { cliOrigin, subprotocol } from '@gitprotect/shared/handshake';

/** What the gate knows when a request comes. */
export interface GateRules {
  readonly port: number;
  /** The extension's own origins that are fixed when it is built (Chrome, Edge). */
  readonly extensionOrigins: readonly string[];
  /** Origins of paired browsers. */
  readonly pairedOrigins: ReadonlySet<string>;
  readonly pairingOpen: boolean;
}

export type Verdict =
  | { readonly admitted: true; readonly origin: string }
  | { readonly admitted: false; readonly status: 400 | 403 | 404 | 421; readonly reason: string };

/** Firefox gives each profile an id of its own, so it cannot be known before it pairs. */
const firefoxOrigin = /^moz-extension:\/\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Decides over an upgrade request from its raw headers (name, value, name, value, …). All comparisons are of whole
 * strings: parsing hosts and origins is where others went wrong.
 */
export function judge(rawHeaders: readonly string[], rules: GateRules): Verdict {
  if (only(rawHeaders, 'host') !== `127.0.0.1:${rules.port}`) return refuse(421, 'wrong host');
  const origin = only(rawHeaders, 'origin');
  if (origin === undefined || !isKnown(origin, rules)) return refuse(403, 'unknown origin');
  if (only(rawHeaders, 'upgrade')?.toLowerCase() !== 'websocket') return refuse(404, 'not a WebSocket');
  if (only(rawHeaders, 'sec-websocket-protocol') !== subprotocol) return refuse(400, 'wrong subprotocol');
  return { admitted: true, origin };
}

const refuse = (status: 400 | 403 | 404 | 421, reason: string): Verdict => ({ admitted: false, status, reason });

function isKnown(origin: string, { extensionOrigins, pairedOrigins, pairingOpen }: GateRules): boolean {
  return (
    origin === cliOrigin || extensionOrigins.includes(origin) || pairedOrigins.has(origin) || (pairingOpen && firefoxOrigin.test(origin))
  );
}

/** The value of a header that is there exactly once. */
function only(rawHeaders: readonly string[], name: string): string | undefined {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  return values.length === 1 ? values[0] : undefined;
}
