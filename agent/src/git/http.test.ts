import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createSocketServer, type AddressInfo, type Server as SocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../lib/clock.ts';
import { Secret } from '../lib/secret.ts';
import { gitConnections, undiciTransport, type Patience } from './http.ts';
import type { GitTransport } from './transport.ts';

const canary = 'BBDC-canary-Qb7dTokenThatMustNotLeak';
const result = { 'content-type': 'application/x-git-upload-pack-result' };
const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), 'git-http-'));
const connections = gitConnections();
const servers: (Server | SocketServer)[] = [];

async function listen(server: Server | SocketServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const serve = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(listener))}/scm/key/slug.git`;

function transport(url: string, more: { dispatcher?: typeof connections; patience?: Partial<Patience>; clock?: Clock } = {}): GitTransport {
  return undiciTransport({ url, token: new Secret(canary), dispatcher: connections, ...more });
}

const post = async (to: GitTransport, aborted = signal): Promise<Buffer> =>
  buffer((await to.post('git-upload-pack', Buffer.from('0000'), { signal: aborted })).body);

const pem = (name: string): string => readFileSync(join(folder, `${name}.pem`), 'utf8');

beforeAll(() => {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', ...subject, ...files],
    { stdio: 'ignore' },
  );
});

afterAll(async () => {
  await connections.destroy();
  for (const server of servers) {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('over http', () => {
  test('the token travels as Bearer, and the connection is used again', async () => {
    const seen: string[] = [];
    const sockets = new Set<unknown>();
    const url = await serve((request, response) => {
      seen.push([request.method, request.url, request.headers.authorization, request.headers['content-type']].join(' '));
      sockets.add(request.socket);
      response.writeHead(200, result).end('0000');
    });
    const to = transport(`${url}/`);
    expect(to.url).toBe(url);
    expect((await post(to)).toString()).toBe('0000');
    for (let more = 0; more < 20; more += 1) await post(to);
    expect(new Set(seen)).toEqual(
      new Set([`POST /scm/key/slug.git/git-upload-pack Bearer ${canary} application/x-git-upload-pack-request`]),
    );
    // The next request may set out before the last one's connection is free again.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  test('a redirect is not followed: the other server never hears of it', async () => {
    let heard = 0;
    const other = await serve((_request, response) => {
      heard += 1;
      response.writeHead(200, result).end('0000');
    });
    const url = await serve((_request, response) => response.writeHead(307, { location: other }).end());
    await expect(post(transport(url))).rejects.toMatchObject({
      code: 'server-redirects',
      message: expect.stringContaining(new URL(other).host),
    });
    expect(heard).toBe(0);
  });

  test('Retry-After as a date is counted from the clock', async () => {
    const url = await serve((_request, response) => response.writeHead(429, { 'retry-after': 'Sun, 22 Nov 2026 12:01:00 GMT' }).end());
    const clock: Clock = { now: () => Date.UTC(2026, 10, 22, 12), sleep: async () => undefined };
    await expect(post(transport(url, { clock }))).rejects.toMatchObject({ code: 'throttled', facts: { retryAfterSeconds: 60 } });
  });

  test('no error tells the token', async () => {
    const url = await serve((_request, response) => response.writeHead(401).end(canary));
    const error = await post(transport(url)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'token-rejected' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(canary);
  });

  test('an answer that stops coming is stalled, before and in the body', async () => {
    const patience = { answerSeconds: 0.2, stallSeconds: 0.2 };
    const mute = await serve(() => undefined);
    await expect(post(transport(mute, { patience }))).rejects.toMatchObject({ code: 'git-stalled' });
    const half = await serve((_request, response) => response.writeHead(200, result).write('0008half'));
    await expect(post(transport(half, { patience }))).rejects.toMatchObject({ code: 'git-stalled' });
  });

  test('an answer that breaks off is cut', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, result).write('0008half', () => response.destroy());
    });
    await expect(post(transport(url))).rejects.toMatchObject({ code: 'git-cut-stream', message: expect.stringContaining(url) });
  });

  test('a connection closed under the request is tried once more', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      if (requests === 1) response.destroy();
      else response.writeHead(200, result).end('0000');
    });
    expect((await post(transport(url))).toString()).toBe('0000');
    expect(requests).toBe(2);
  });

  test('nobody there is unreachable', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(post(transport(`http://127.0.0.1:${port}/a.git`))).rejects.toMatchObject({ code: 'server-unreachable' });
  });

  test('abort ends the wait with its own reason, before the answer and in the body', async () => {
    for (const listener of [
      () => undefined,
      (_request, response) => response.writeHead(200, result).write('0008half'),
    ] satisfies RequestListener[]) {
      const abort = new AbortController();
      const reason = new Error('enough');
      const url = await serve((request, response) => {
        listener(request, response);
        setImmediate(() => abort.abort(reason));
      });
      await expect(post(transport(url), abort.signal)).rejects.toBe(reason);
    }
  });

  test('what speaks https is not taken for http', async () => {
    // A TLS server's answer to plain http: an alert record.
    const port = await listen(createSocketServer((socket) => socket.once('data', () => socket.end(Buffer.from('15030300020246', 'hex')))));
    await expect(post(transport(`http://127.0.0.1:${port}/a.git`))).rejects.toMatchObject({ code: 'server-needs-https' });
  });
});

describe('over https', () => {
  test('a certificate nobody vouches for is refused, and taken with its CA', async () => {
    const server = createTlsServer({ key: pem('key'), cert: pem('cert') }, (_request, response) =>
      response.writeHead(200, result).end('0000'),
    );
    const url = `https://127.0.0.1:${await listen(server)}/scm/key/slug.git`;
    await expect(post(transport(url))).rejects.toMatchObject({ code: 'server-certificate', remedy: expect.stringContaining('--ca') });
    const dispatcher = gitConnections({ ca: pem('cert') });
    expect((await post(transport(url, { dispatcher }))).toString()).toBe('0000');
    await dispatcher.destroy();
  });

  test('a server that speaks only http is named as such', async () => {
    const url = await serve((_request, response) => response.end());
    await expect(post(transport(url.replace('http:', 'https:')))).rejects.toMatchObject({ code: 'server-not-bitbucket' });
  });
});
