import type { Socket } from 'node:net';
import websocket from '@fastify/websocket';
import { fromBase64Url } from '@gitprotect/shared/base64url';
import { AppError } from '@gitprotect/shared/errors';
import { maxFrameToAgent } from '@gitprotect/shared/frame';
import { importKey, newNonce, subprotocol } from '@gitprotect/shared/handshake';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { removeCliKey, writeCliKey } from '../lib/cli-key.ts';
import { Secret } from '../lib/secret.ts';
import { judge } from './gate.ts';
import type { Pairings } from './pairings.ts';
import { isOwnPeer } from './peer.ts';
import type { SessionParts } from './session.ts';
import { authDeadline, visit } from './visit.ts';

export interface ChannelOptions extends Omit<SessionParts, 'onInternalError'> {
  /** 0 takes any free port. */
  readonly port: number;
  /** The agent's folder, where the command line finds its key. */
  readonly home: string;
  readonly pairings: Pairings;
  /** Origins of the extension that are fixed when it is built: `chrome-extension://<id>`. */
  readonly extensionOrigins: readonly string[];
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
}

/** The listening channel. Dispose ends all sessions and stops listening. */
export interface Channel extends AsyncDisposable {
  readonly port: number;
}

const host = '127.0.0.1';
const mostUnauthenticated = 4;
const mostConnections = 64;

/**
 * Listens on 127.0.0.1 for the extension and the command line, and nobody else.
 * @throws AppError `port-in-use`
 */
export async function startChannel(options: ChannelOptions): Promise<Channel> {
  const channel = new Listener(options);
  await channel.listen();
  return channel;
}

class Listener implements Channel {
  readonly #options: ChannelOptions;
  readonly #app: FastifyInstance;
  /** Sockets let in by the gate that have not proved themselves. */
  readonly #unproved = new Set<Socket>();
  readonly #over = new AbortController();
  readonly #toldRefusals = new Set<string>();
  port: number;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.port = options.port;
    // Fastify's own log would print URLs; what matters is logged here.
    this.#app = Fastify({
      logger: false,
      exposeHeadRoutes: false,
      forceCloseConnections: true,
      bodyLimit: 1,
      requestTimeout: authDeadline,
      http: { maxHeaderSize: 8192, headersTimeout: authDeadline, connectionsCheckingInterval: 1000 },
    });
    this.#app.server.maxConnections = mostConnections;
  }

  async listen(): Promise<void> {
    const app = this.#app;
    const key = new Secret(newNonce());
    const cliKey = await importKey(fromBase64Url(key.reveal()) ?? new Uint8Array());
    app.setNotFoundHandler((_, reply) => reply.code(404).send());
    await app.register(websocket, {
      options: {
        maxPayload: maxFrameToAgent,
        perMessageDeflate: false,
        handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
      },
      errorHandler: (_, socket) => socket.terminate(),
    });
    // After the plugin's own hook, or it would not end the sockets that this one refuses.
    app.addHook('onRequest', async ({ raw }, reply) => {
      const refusal = await this.#gate(raw.rawHeaders, raw.socket);
      return refusal === null ? undefined : reply.code(refusal).header('connection', 'close').send();
    });
    app.get('/', { websocket: true }, (socket, { raw }) =>
      visit(
        { socket, origin: raw.headers.origin ?? '', onProved: () => this.#unproved.delete(raw.socket) },
        { ...this.#options, port: this.port, cliKey, over: this.#over.signal },
      ),
    );
    try {
      await app.listen({ host, port: this.port, exclusive: true });
    } catch (error) {
      await app.close();
      throw listenError(error, this.port);
    }
    const address = app.server.address();
    if (address !== null && typeof address === 'object') this.port = address.port;
    await writeCliKey(this.#options.home, { port: this.port, key });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeCliKey(this.#options.home);
    this.#over.abort();
    for (const socket of this.#app.websocketServer.clients) {
      socket.close(1001);
      setTimeout(() => socket.terminate(), 500).unref();
    }
    await this.#app.close();
  }

  /** The status to refuse a request with, or `null` to let it in. */
  async #gate(rawHeaders: readonly string[], socket: Socket): Promise<number | null> {
    const { extensionOrigins, pairings } = this.#options;
    const rules = { port: this.port, extensionOrigins, pairedOrigins: pairings.origins, pairingOpen: pairings.window.isOpen };
    const verdict = judge(rawHeaders, rules);
    if (!verdict.admitted) return this.#refuse(verdict.status, verdict.reason);
    if (!(await isOwnPeer(socket.remotePort, this.port))) return this.#refuse(403, 'a process of another user, or one that has gone');
    if (this.#unproved.size >= mostUnauthenticated) return this.#refuse(503, 'too many connections that have not proved themselves');
    if (socket.destroyed) return this.#refuse(400, 'gone before it was let in');
    this.#unproved.add(socket);
    socket.once('close', () => this.#unproved.delete(socket));
    return null;
  }

  /** A page may knock a thousand times a minute; each reason is told once. */
  #refuse(status: number, reason: string): number {
    if (!this.#toldRefusals.has(reason))
      this.#options.log.warn({ status, reason }, 'refused a connection; the same will not be told again');
    this.#toldRefusals.add(reason);
    return status;
  }
}

function listenError(error: unknown, port: number): unknown {
  const taken = error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
  if (!taken) return error;
  return new AppError('port-in-use', `port ${port} of this computer is taken`, {
    cause: error,
    remedy: 'stop the program that listens there, or start with another port (--port N) and pair the browsers again',
  });
}
