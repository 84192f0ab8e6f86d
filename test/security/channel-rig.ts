import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Handlers } from '@gitprotect/agent/channel/dispatch';
import { EventBus } from '@gitprotect/agent/channel/events';
import { Pairings } from '@gitprotect/agent/channel/pairings';
import { startChannel } from '@gitprotect/agent/channel/server';
import { openDatabase } from '@gitprotect/agent/db/database';
import type { Secret } from '@gitprotect/agent/lib/secret';
import { pair, type PairedAgent, type Dialler, type SocketLike } from '@gitprotect/shared/channel-client';
import { subprotocol } from '@gitprotect/shared/handshake';
import { WebSocket } from 'ws';
import { HandClock } from './hand-clock.ts';

export const chrome = 'chrome-extension://abcdefghijklmnopabcdefghijklmnop';
export const firefox = 'moz-extension://0e1f4bd2-1111-4222-8333-944455556666';

/** A listening channel with a clock of its own, a vault in memory, and the handlers a test gives it. */
export interface Rig extends AsyncDisposable {
  readonly port: number;
  readonly home: string;
  readonly clock: HandClock;
  readonly events: EventBus;
  readonly pairings: Pairings;
  readonly keys: Map<string, Secret>;
  /** Lines of the log, as JSON. */
  readonly log: string[];
  busy: boolean;
}

export async function startRig(handlers: Partial<Handlers> = {}): Promise<Rig> {
  const home = await mkdtemp(join(tmpdir(), 'gitprotect-channel-'));
  const db = openDatabase(':memory:');
  const clock = new HandClock();
  const events = new EventBus();
  const keys = new Map<string, Secret>();
  const pairings = await Pairings.load({
    db,
    clock,
    keys: {
      get: async (id) => keys.get(id) ?? null,
      set: async (id, secret) => void keys.set(id, secret),
      delete: async (id) => void keys.delete(id),
    },
  });
  const log: string[] = [];
  const write = (facts: object, message?: string) => void log.push(JSON.stringify({ ...facts, message }));
  const rig = { home, clock, events, pairings, keys, log, busy: false };
  const channel = await startChannel({
    ...rig,
    port: 0,
    handlers: handlers as Handlers,
    extensionOrigins: [chrome],
    busy: () => rig.busy,
    log: { info: write, warn: write, error: write } as Parameters<typeof startChannel>[0]['log'],
  });
  return Object.assign(rig, {
    port: channel.port,
    [Symbol.asyncDispose]: async () => {
      await channel[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    },
  });
}

/** A client that sends `origin`, as a browser would. */
export function from(origin: string): Dialler & { socket: (url: string, protocol: string) => WebSocket & SocketLike } {
  return { origin, socket: (url, protocol) => new WebSocket(url, protocol, { origin }) };
}

/** Pairs a client from `origin` with the rig's agent. */
export async function paired(rig: Rig, origin = chrome): Promise<PairedAgent> {
  const { code } = await rig.pairings.open(rig.port);
  return pair({ ...from(origin), code, name: 'test browser' });
}

/** A socket that only knows the door: no key, no handshake. */
export function knock(port: number, headers: Record<string, string> = { origin: chrome }): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}/`, subprotocol, { headers });
}

/** How a knock ended: the HTTP status that refused it, or 101. */
export function statusOf(socket: WebSocket): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.on('open', () => resolve(101));
  socket.on('unexpected-response', (request, response) => {
    resolve(response.statusCode ?? 0);
    request.destroy();
  });
  socket.on('error', () => resolve(0));
  return promise;
}
