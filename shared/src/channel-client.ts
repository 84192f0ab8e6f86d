import * as v from 'valibot';
import { lost } from './arrivals.ts';
import { authenticate, type Authenticated, type Dialler } from './client-handshake.ts';
import { AppError, asAppError, fromReport, isErrorCode } from './errors.ts';
import { frameOverhead, maxFrameToAgent } from './frame.ts';
import { derivePairingKey, importKey, Paired, type WebKey } from './handshake.ts';
import { parsePairingCode } from './pairing-code.ts';
import {
  type Call,
  type Caller,
  type EventBody,
  type EventName,
  events,
  Message,
  type Method,
  methods,
  type Params,
  type Result,
} from './protocol.ts';

export type { Dialler } from './client-handshake.ts';
export type { SocketLike } from './arrivals.ts';

/** What a paired client keeps. An extension stores it as it is in IndexedDB: the key cannot be read out of it. */
export interface PairedAgent {
  readonly pairing: string;
  readonly port: number;
  readonly key: WebKey;
}

/** A live connection to the agent. Dispose closes it. */
export interface Connection extends AsyncDisposable {
  /** Asks the agent, on behalf of the caller given to `connect`. */
  readonly call: Call;
  /** The same on behalf of another caller: the background relays the calls of pages with it. */
  readonly callAs: (caller: Caller) => Call;
  /** Hears an event until the returned function is called. */
  readonly on: <E extends EventName>(event: E, listener: (body: EventBody<E>) => void) => () => void;
  /** Why it ended; `null` when this side closed it. It never rejects. */
  readonly closed: Promise<AppError | null>;
}

export interface ConnectOptions extends Dialler {
  readonly agent: PairedAgent;
  readonly caller: Caller;
  readonly signal?: AbortSignal | undefined;
  readonly timeouts?: Partial<Timeouts>;
}

/** In milliseconds. */
interface Timeouts {
  /** An agent with a call to answer is heard every 20 seconds; after this much silence it is gone. */
  readonly silence: number;
  readonly answer: number;
}
const defaultTimeouts: Timeouts = { silence: 60_000, answer: 120_000 };

/** These take as long as the repo is large; only silence ends them. */
const unhurried: readonly Method[] = [
  'restore.start',
  'restore.to-folder',
  'restore.to-server',
  'restore.archive',
  'backup.verify',
  'catalogue.rebuild',
];

/**
 * Connects to the agent this client was paired with.
 * @throws AppError `agent-not-running`, `not-your-agent`, `not-paired` (it runs, and has forgotten us), `protocol-version`, `connection-lost`
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { agent, caller, signal } = options;
  const authenticated = await authenticate({ dialler: options, port: agent.port, pairing: agent.pairing, key: agent.key, signal });
  const connection = new ClientConnection(authenticated, { ...defaultTimeouts, ...options.timeouts });
  return {
    call: connection.callAs(caller),
    callAs: (other) => connection.callAs(other),
    on: (event, listener) => connection.on(event, listener),
    closed: connection.closed,
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/**
 * Pairs with the agent that printed `code`; `name` is how its list will call this client.
 * @throws AppError `pairing-wrong` (not a code, or not this agent's), `pairing-expired`, and as `connect`
 */
export async function pair(options: Dialler & { code: string; name: string; signal?: AbortSignal | undefined }): Promise<PairedAgent> {
  const { port, secret } = parsePairingCode(options.code);
  const secretKey = await importKey(secret, 'pairing');
  const { socket, arrivals, sealer, opener, terms } = await authenticate({
    dialler: options,
    port,
    pairing: null,
    key: secretKey,
    signal: options.signal,
  });
  try {
    socket.send(await sealer.seal(JSON.stringify({ type: 'pair', name: options.name })));
    const frame = await arrivals.next();
    const { pairing } = v.parse(Paired, JSON.parse(typeof frame === 'string' ? '' : await opener.open(frame)));
    const bytes = await derivePairingKey(secretKey, terms);
    const key = await importKey(bytes);
    bytes.fill(0);
    return { pairing, port, key };
  } catch (error) {
    throw error instanceof AppError ? error : lost('the agent did not finish the pairing');
  } finally {
    socket.close(1000);
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: AppError) => void;
}

class ClientConnection {
  readonly closed: Promise<AppError | null>;
  readonly #line: Authenticated;
  readonly #timeouts: Timeouts;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<EventName, Set<(body: unknown) => void>>();
  #lastId = 0;
  #sending: Promise<void> = Promise.resolve();
  #silence: ReturnType<typeof setTimeout> | undefined;
  #ended: { readonly why: AppError | null } | undefined;
  readonly #end: (why: AppError | null) => void;

  constructor(line: Authenticated, timeouts: Timeouts) {
    this.#line = line;
    this.#timeouts = timeouts;
    const { promise, resolve } = Promise.withResolvers<AppError | null>();
    this.closed = promise;
    this.#end = resolve;
    void this.#listen();
  }

  callAs(caller: Caller): Call {
    return (method, params) => this.#call(method, params, caller);
  }

  on<E extends EventName>(event: E, listener: (body: EventBody<E>) => void): () => void {
    const hear = (body: unknown) => listener(v.parse(events[event], body));
    const all = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, all.add(hear));
    return () => all.delete(hear);
  }

  async close(): Promise<void> {
    this.#finish(null);
    await this.#line.arrivals.closed;
  }

  async #call<M extends Method>(method: M, params: Params<M>, from: Caller): Promise<Result<M>> {
    if (this.#ended !== undefined) throw this.#ended.why ?? lost('the connection to the agent is closed');
    const id = (this.#lastId += 1);
    const text = JSON.stringify({ type: 'call', id, method, params, from } satisfies Message);
    checkSize(method, text);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const late = () => reject(lost(`the agent did not answer ${method} in time`));
    const timer = unhurried.includes(method) ? undefined : setTimeout(late, this.#timeouts.answer);
    this.#waiting.set(id, { resolve, reject });
    this.#listenForSilence();
    this.#send(text);
    try {
      return v.parse(methods[method].result, await promise);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
      this.#listenForSilence();
    }
  }

  #send(text: string): void {
    const { socket, sealer } = this.#line;
    this.#sending = this.#sending
      .then(async () => socket.send(await sealer.seal(text)))
      .catch((error: unknown) => this.#finish(asAppError(error)));
  }

  async #listen(): Promise<void> {
    const { arrivals, opener } = this.#line;
    try {
      while (this.#ended === undefined) {
        const frame = await arrivals.next();
        if (typeof frame === 'string') throw lost('the agent sent a frame that is not sealed');
        const message = v.parse(Message, JSON.parse(await opener.open(frame)));
        this.#listenForSilence();
        this.#receive(message);
      }
    } catch (error) {
      this.#finish(error instanceof AppError ? error : lost('the agent sent a message this client does not understand'));
    }
  }

  #receive(message: Message): void {
    switch (message.type) {
      case 'result':
        this.#waiting.get(message.id)?.resolve(message.result);
        break;
      case 'error': {
        const { code, message: words, remedy } = message.error;
        this.#waiting.get(message.id)?.reject(fromReport({ code: isErrorCode(code) ? code : 'internal', message: words, remedy }));
        break;
      }
      case 'event':
        for (const [event, listeners] of this.#listeners) if (event === message.name) for (const hear of listeners) hear(message.body);
        break;
      case 'heartbeat':
      case 'call':
        break;
    }
  }

  #listenForSilence(): void {
    clearTimeout(this.#silence);
    if (this.#waiting.size === 0 || this.#ended !== undefined) return;
    this.#silence = setTimeout(() => this.#finish(lost('the agent fell silent')), this.#timeouts.silence);
  }

  #finish(why: AppError | null): void {
    if (this.#ended !== undefined) return;
    this.#ended = { why };
    clearTimeout(this.#silence);
    for (const { reject } of this.#waiting.values()) reject(why ?? lost('the connection to the agent was closed'));
    this.#line.socket.close(1000);
    this.#end(why);
  }
}

function checkSize(method: Method, text: string): void {
  const most = maxFrameToAgent - frameOverhead;
  const size = text.length * 3 > most ? new TextEncoder().encode(text).length : text.length;
  if (size > most) {
    throw new AppError('bad-request', `${method} carries ${size} bytes; the agent accepts ${most} in one call`, {
      remedy: 'send less at once',
    });
  }
}
