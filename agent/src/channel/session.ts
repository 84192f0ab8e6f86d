import type { Arrivals } from '@gitprotect/shared/arrivals';
import { AppError, reportOf } from '@gitprotect/shared/errors';
import { frameOverhead, maxFrameToAgent, maxFrameToClient } from '@gitprotect/shared/frame';
import { type Caller, Message } from '@gitprotect/shared/protocol';
import * as v from 'valibot';
import type { WebSocket } from 'ws';
import type { Clock } from '../lib/clock.ts';
import type { Client } from './agent-handshake.ts';
import { dispatch, type Handlers } from './dispatch.ts';
import type { EventBus } from './events.ts';
import { Outbox } from './outbox.ts';

/** Who holds a session's key. */
export type SessionKind = 'extension' | 'cli';

export interface SessionParts {
  readonly handlers: Handlers;
  readonly events: EventBus;
  /** Whether a run is going: then the client is kept awake. */
  readonly busy: () => boolean;
  readonly clock: Clock;
  readonly onInternalError: (error: unknown) => void;
}

interface Line {
  readonly socket: WebSocket;
  readonly arrivals: Arrivals;
  readonly client: Client;
  readonly kind: SessionKind;
}

/** Chrome ends an extension's worker after 30 seconds without a message; WebSocket pings do not count. */
const beatEvery = 20_000;
const idleAfter = 5 * 60_000;
const mostOpenCalls = 32;

type CallMessage = Extract<Message, { type: 'call' }>;

/** One connection of a client that has proved itself: its calls, answers and events. */
export class Session {
  readonly #line: Line;
  readonly #parts: SessionParts;
  readonly #outbox: Outbox;
  #openCalls = 0;
  #lastActive: number;

  constructor(line: Line, parts: SessionParts) {
    this.#line = line;
    this.#parts = parts;
    this.#lastActive = parts.clock.now();
    this.#outbox = new Outbox((text) => this.#send(text));
  }

  /** Serves the client until either side ends it or `signal` aborts. Returns why it ended. */
  async serve(signal: AbortSignal): Promise<string> {
    const { socket, arrivals, client } = this.#line;
    const over = new AbortController();
    const unsubscribe = this.#parts.events.subscribe((event) => this.#outbox.event(event));
    const stop = () => socket.close(1001);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    arrivals.allow(mostOpenCalls * maxFrameToAgent);
    void this.#beat(over.signal);
    try {
      for (;;) {
        const frame = await arrivals.next();
        if (typeof frame === 'string') throw new AppError('connection-lost', 'the client sent a frame that is not sealed');
        const message = v.parse(Message, JSON.parse(await client.opener.open(frame)));
        this.#lastActive = this.#parts.clock.now();
        if (message.type === 'call') void this.#answer(message);
      }
    } catch (error) {
      return error instanceof AppError ? error.message : 'the client sent a message that is none';
    } finally {
      over.abort();
      signal.removeEventListener('abort', stop);
      unsubscribe();
      socket.close(1008);
    }
  }

  async #answer({ id, method, params, from }: CallMessage): Promise<void> {
    this.#openCalls += 1;
    await this.#outbox.reply(await this.#result(id, () => dispatch(this.#parts.handlers, method, params, this.#caller(from))));
    this.#openCalls -= 1;
  }

  async #result(id: number, make: () => Promise<unknown>): Promise<string> {
    try {
      if (this.#openCalls > mostOpenCalls) throw new AppError('bad-request', `more than ${mostOpenCalls} calls at once`);
      const text = JSON.stringify({ type: 'result', id, result: await make() } satisfies Message);
      if (Buffer.byteLength(text) > maxFrameToClient - frameOverhead) {
        throw new AppError('bad-request', 'the answer is too large to send', { remedy: 'ask for less, with a limit or a filter' });
      }
      return text;
    } catch (error) {
      const report = reportOf(error);
      if (report.code === 'internal') this.#parts.onInternalError(error);
      return JSON.stringify({ type: 'error', id, error: report } satisfies Message);
    }
  }

  /** An extension vouches for its pages, never for the command line; the command line is always itself. */
  #caller(from: Caller): Caller {
    if (this.#line.kind === 'cli') return { kind: 'cli' };
    if (from.kind === 'cli') throw new AppError('not-allowed', 'an extension cannot speak for the command line');
    return from;
  }

  async #send(text: string): Promise<void> {
    const { socket, client } = this.#line;
    const frame = await client.sealer.seal(text);
    this.#lastActive = this.#parts.clock.now();
    // A send that fails ends in `close`, which the reading side sees.
    await new Promise<void>((resolve) => socket.send(frame, () => resolve()));
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { clock, busy } = this.#parts;
    for (;;) {
      await clock.sleep(beatEvery, signal).catch(() => undefined);
      if (signal.aborted) return;
      if (busy() || this.#openCalls > 0) this.#outbox.heartbeat();
      else if (clock.now() - this.#lastActive > idleAfter) this.#line.socket.close(1000);
    }
  }
}
