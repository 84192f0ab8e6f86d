import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A web server of a test's own, and the headers of every request it got. */
export interface Listening extends AsyncDisposable {
  readonly url: string;
  readonly heard: string[];
}

/** Serves `answer` on any free port of 127.0.0.1; with a certificate, over HTTPS. */
export async function listening(answer: RequestListener, certificate?: { key: string; cert: string }): Promise<Listening> {
  const heard: string[] = [];
  const listener: RequestListener = (request, response) => {
    heard.push(`${request.method ?? ''} ${request.url ?? ''} ${request.rawHeaders.join(' ')}`);
    answer(request, response);
  };
  const server = certificate === undefined ? createServer(listener) : createSecureServer(certificate, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    heard,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
