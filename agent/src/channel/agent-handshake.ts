import type { Arrival, Arrivals, SocketLike } from '@gitprotect/shared/arrivals';
import { FrameOpener, FrameSealer } from '@gitprotect/shared/frame';
import {
  AnyHello,
  Auth,
  frameKeys,
  Hello,
  isProof,
  newNonce,
  prove,
  type Refused,
  type Terms,
  type WebKey,
} from '@gitprotect/shared/handshake';
import { protocolVersion } from '@gitprotect/shared/protocol';
import * as v from 'valibot';

/** The key a client must hold, or why it is refused. `pairing` is `null` for a client that comes with a pairing code. */
export type KeyFor = (pairing: string | null, origin: string) => Promise<{ readonly key: WebKey } | { readonly refuse: Refused['code'] }>;

/** A client that has proved itself. */
export interface Client {
  readonly key: WebKey;
  readonly terms: Terms;
  readonly sealer: FrameSealer;
  readonly opener: FrameOpener;
}

export type Greeting = { readonly client: Client } | { readonly refused: string };

interface Visitor {
  readonly socket: SocketLike;
  readonly arrivals: Arrivals;
  readonly origin: string;
  readonly port: number;
}

/**
 * The agent's side of the handshake: it proves itself first, then checks the client. It sends nothing else before the client is known.
 * Rejects when the socket closes; a deadline is the caller's.
 */
export async function greet({ socket, arrivals, origin, port }: Visitor, keyFor: KeyFor): Promise<Greeting> {
  const refuse = (code: Refused['code']): Greeting => {
    socket.send(JSON.stringify({ type: 'refused', code, v: protocolVersion } satisfies Refused));
    return { refused: code };
  };
  const words = readJson(await arrivals.next());
  const version = v.safeParse(AnyHello, words);
  if (version.success && version.output.v !== protocolVersion) return refuse('protocol-version');
  const hello = v.safeParse(Hello, words);
  if (!hello.success) return { refused: 'not a hello' };
  const { pairing, nonce: clientNonce } = hello.output;

  const found = await keyFor(pairing, origin);
  if ('refuse' in found) return refuse(found.refuse);
  const { key } = found;
  const terms: Terms = { pairing, origin, port, clientNonce, agentNonce: newNonce() };
  socket.send(JSON.stringify({ type: 'proof', nonce: terms.agentNonce, mac: await prove(key, 'agent', terms) }));

  const auth = v.safeParse(Auth, readJson(await arrivals.next()));
  if (!auth.success || !(await isProof(key, 'client', terms, auth.output.mac))) return { refused: 'wrong proof' };
  const keys = await frameKeys(key, terms);
  return { client: { key, terms, sealer: new FrameSealer(keys.toClient), opener: new FrameOpener(keys.toAgent) } };
}

function readJson(arrival: Arrival): unknown {
  try {
    return JSON.parse(typeof arrival === 'string' ? arrival : '');
  } catch {
    return null;
  }
}
