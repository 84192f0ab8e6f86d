import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * What happens to one request. A number: it never reaches the server, and is answered with that status. `cut`: the connection breaks before it is
 * answered. `lose`: the server does it, and the answer is lost. `half`: half of the answer's body arrives. `hang`: silence.
 */
export type Fault = number | 'cut' | 'lose' | 'half' | 'hang' | null;

/** A web server between client and server that spoils what it is told to. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Every request so far: `PUT /bucket/key?…`, with its headers. */
  readonly heard: { readonly line: string; readonly headers: IncomingMessage['headers'] }[];
  /** Asked for each request. */
  fault: (line: string) => Fault;
}

export async function faultProxy(upstream: string): Promise<FaultProxy> {
  const target = new URL(upstream);
  const heard: FaultProxy['heard'] = [];
  const server = createServer((incoming, answer) => {
    handle(incoming, answer).catch(() => answer.destroy());
  });
  const proxy: FaultProxy = {
    url: '',
    heard,
    fault: () => null,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };

  async function handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const line = `${incoming.method ?? ''} ${incoming.url ?? ''}`;
    heard.push({ line, headers: incoming.headers });
    const fault = proxy.fault(line);
    if (fault === 'hang') return;
    if (fault === 'cut') {
      await once(incoming, 'data').catch(() => undefined);
      incoming.socket.destroy();
      return;
    }
    const body = await buffer(incoming);
    if (typeof fault === 'number') {
      answer.writeHead(fault, { 'content-type': 'application/xml' });
      answer.end(`<?xml version="1.0"?><Error><Code>${fault === 503 ? 'SlowDown' : 'InternalError'}</Code></Error>`);
      return;
    }
    const { hostname, port } = target;
    const onward = request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers });
    onward.end(body);
    const [reply] = (await once(onward, 'response')) as [IncomingMessage];
    const content = await buffer(reply);
    if (fault === 'lose') {
      incoming.socket.destroy();
      return;
    }
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    if (fault !== 'half') {
      answer.end(content);
      return;
    }
    answer.write(content.subarray(0, content.length / 2), () => incoming.socket.destroy());
  }

  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return Object.assign(proxy, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
