import { Arrivals } from '@gitprotect/shared/arrivals';
import { asAppError } from '@gitprotect/shared/errors';
import { cliOrigin, cliPairingId, type WebKey } from '@gitprotect/shared/handshake';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { type Client, greet, type KeyFor } from './agent-handshake.ts';
import { pairClient } from './pair-client.ts';
import type { Pairings } from './pairings.ts';
import { Session, type SessionParts } from './session.ts';

interface Visitor {
  readonly socket: WebSocket;
  readonly origin: string;
  /** Called once the client has proved itself. */
  readonly onProved: () => void;
}

interface Host extends Omit<SessionParts, 'onInternalError'> {
  readonly port: number;
  readonly pairings: Pairings;
  readonly cliKey: WebKey;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** Aborts when the channel closes. */
  readonly over: AbortSignal;
}

/** How long a client may take to prove itself, or to pair. */
export const authDeadline = 5000;

/** Serves one socket that the gate let in, from its hello to its end. Never rejects. */
export async function visit({ socket, origin, onProved }: Visitor, host: Host): Promise<void> {
  const { pairings, clock, log, port } = host;
  const arrivals = new Arrivals(socket, 4096);
  const inTime = new AbortController();
  void clock.sleep(authDeadline, inTime.signal).then(
    () => socket.terminate(),
    () => undefined,
  );
  try {
    const greeting = await greet({ socket, arrivals, origin, port }, keyFor(host));
    if ('refused' in greeting) {
      log.info({ reason: greeting.refused }, 'refused a client');
      return socket.close(1008);
    }
    const { client } = greeting;
    const { pairing } = client.terms;
    if (pairing === null) {
      const id = await pairClient({ socket, arrivals }, client, pairings);
      if (id !== null) log.info({ pairing: id, origin }, 'paired with a new client');
      return socket.close(1000);
    }
    inTime.abort();
    onProved();
    const reason = await serve(pairing, { socket, arrivals, client }, host);
    // The command line comes and goes with every command.
    log[pairing === cliPairingId ? 'debug' : 'info']({ pairing, reason }, 'a client left');
  } catch (error) {
    // A socket that closes before it has proved anything is not worth a line; our own failures are.
    if (asAppError(error).code !== 'connection-lost') log.error({ err: error }, 'a connection failed');
    socket.terminate();
  } finally {
    inTime.abort();
  }
}

async function serve(pairing: string, line: { socket: WebSocket; arrivals: Arrivals; client: Client }, host: Host): Promise<string> {
  const { pairings, log, over } = host;
  const kind = line.client.terms.origin === cliOrigin ? 'cli' : 'extension';
  if (kind === 'extension') await pairings.seen(pairing);
  const onInternalError = (error: unknown) => log.error({ err: error }, 'a call failed');
  const until = kind === 'cli' ? over : AbortSignal.any([over, pairings.lifetime(pairing)]);
  return new Session({ ...line, kind }, { ...host, onInternalError }).serve(until);
}

/** The command line has its key from a file, a new browser from the code it was given, a paired one from the vault. */
function keyFor({ pairings, cliKey, log }: Host): KeyFor {
  return async (pairing, origin) => {
    if (origin === cliOrigin) return pairing === cliPairingId ? { key: cliKey } : { refuse: 'not-paired' };
    if (pairing === null) {
      const key = pairings.window.try();
      return key === null ? { refuse: 'pairing-expired' } : { key };
    }
    try {
      const key = await pairings.key(pairing, origin);
      return key === null ? { refuse: 'not-paired' } : { key };
    } catch (error) {
      log.warn({ err: error }, 'the vault could not give the key of a client');
      return { refuse: 'vault-locked' };
    }
  };
}
