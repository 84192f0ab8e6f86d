import * as v from 'valibot';
import { type Arrival, Arrivals, lost, type SocketLike } from './arrivals.ts';
import { AppError } from './errors.ts';
import { FrameOpener, FrameSealer, maxFrameToClient } from './frame.ts';
import { Answer, frameKeys, isProof, newNonce, prove, type Refused, subprotocol, type Terms, type WebKey } from './handshake.ts';
import { protocolVersion } from './protocol.ts';

/** How this client reaches agents. */
export interface Dialler {
  /** Opens a socket, for example `(url, protocol) => new WebSocket(url, protocol)`. */
  readonly socket: (url: string, protocol: string) => SocketLike;
  /** The `Origin` that socket sends: `location.origin` in an extension. */
  readonly origin: string;
}

/** An open connection on which both sides have proved themselves. */
export interface Authenticated {
  readonly socket: SocketLike;
  readonly arrivals: Arrivals;
  readonly sealer: FrameSealer;
  readonly opener: FrameOpener;
  readonly terms: Terms;
}

interface Introduction {
  readonly dialler: Dialler;
  readonly port: number;
  /** `null` while pairing. */
  readonly pairing: string | null;
  readonly key: WebKey;
  readonly signal?: AbortSignal | undefined;
}

/** An agent on a busy machine may need some seconds; a dead port answers at once. */
const connectTimeout = 10_000;
const answerTimeout = 10_000;

/**
 * Dials the agent, has it prove itself, and only then proves this client. Until the agent's proof has been checked
 * nothing leaves but one hello, which holds no secret.
 * @throws AppError `agent-not-running`, `not-your-agent`, `not-paired`, `pairing-expired`, `vault-locked`, `protocol-version`, `connection-lost`
 */
export async function authenticate(introduction: Introduction): Promise<Authenticated> {
  const { dialler, port, signal } = introduction;
  signal?.throwIfAborted();
  const socket = dialler.socket(`ws://127.0.0.1:${port}/`, subprotocol);
  const arrivals = new Arrivals(socket, 4096);
  const notAccepted = arrivals.closed.then(() => {
    throw notRunning(port);
  });
  try {
    await within(connectTimeout, Promise.race([arrivals.opened, notAccepted]), { signal, late: () => notRunning(port) });
    const greeting = greet(socket, arrivals, introduction);
    return await within(answerTimeout, greeting, { signal, late: () => lost(`the program on port ${port} does not answer`) });
  } catch (error) {
    socket.close();
    throw error;
  }
}

async function greet(socket: SocketLike, arrivals: Arrivals, { dialler, port, pairing, key }: Introduction): Promise<Authenticated> {
  const clientNonce = newNonce();
  socket.send(JSON.stringify({ type: 'hello', v: protocolVersion, pairing, nonce: clientNonce }));
  const answer = readAnswer(await arrivals.next(), port);
  if (answer.type === 'refused') throw refusal(answer, port);
  const terms: Terms = { pairing, origin: dialler.origin, port, clientNonce, agentNonce: answer.nonce };
  if (!(await isProof(key, 'agent', terms, answer.mac))) throw pairing === null ? wrongCode(port) : notYours(port);
  const keys = await frameKeys(key, terms);
  const mac = await prove(key, 'client', terms);
  arrivals.allow(maxFrameToClient);
  socket.send(JSON.stringify({ type: 'auth', mac }));
  return { socket, arrivals, terms, sealer: new FrameSealer(keys.toAgent), opener: new FrameOpener(keys.toClient) };
}

function readAnswer(arrival: Arrival, port: number): v.InferOutput<typeof Answer> {
  try {
    const answer = v.safeParse(Answer, JSON.parse(typeof arrival === 'string' ? arrival : ''));
    if (answer.success) return answer.output;
  } catch {
    // not JSON: not an agent
  }
  throw notYours(port);
}

/** `promise`, unless `signal` aborts or `milliseconds` pass first. */
async function within<T>(
  milliseconds: number,
  promise: Promise<T>,
  { signal, late }: { signal: AbortSignal | undefined; late: () => AppError },
): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), milliseconds);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function refusal({ code, v: theirs }: Refused, port: number): AppError {
  const words = {
    'protocol-version': {
      message: `this client speaks version ${protocolVersion} of the protocol, the agent version ${theirs}`,
      remedy: theirs > protocolVersion ? 'update the extension' : 'update the agent',
    },
    'not-paired': {
      message: `the agent on port ${port} does not know this client any more`,
      remedy: 'run "gitprotect-agent pair" and paste the code it prints into the extension’s settings',
    },
    'pairing-expired': {
      message: `the agent on port ${port} is not waiting for a new client`,
      remedy: 'run "gitprotect-agent pair" again and use the new code within five minutes',
    },
    'vault-locked': {
      message: `the vault of the agent on port ${port} is locked`,
      remedy: 'give its passphrase to "gitprotect-agent start" or to the prompt of any command',
    },
  }[code];
  return new AppError(code, words.message, { remedy: words.remedy });
}

/** In a browser a refused origin looks exactly like a dead port, so the remedy names both. */
const notRunning = (port: number) =>
  new AppError('agent-not-running', `no agent answers on port ${port} of this computer`, {
    remedy: 'start it with "gitprotect-agent start"; if it is running, it does not know this browser: pair it again',
  });

const notYours = (port: number) =>
  new AppError('not-your-agent', `the program on port ${port} is not the agent this client was paired with; nothing was sent to it`, {
    remedy: 'find out what listens on that port; if you set the agent up anew, pair again',
  });

const wrongCode = (port: number) =>
  new AppError('pairing-wrong', `the code is not the one the agent on port ${port} is waiting for`, {
    remedy: 'run "gitprotect-agent pair" again and paste the whole new code',
  });
