import { once } from 'node:events';
import { createServer } from 'node:http';

/** A site with one page on a free port of 127.0.0.1. */
export async function onePageSite(
  html: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly origin: string } & AsyncDisposable> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers });
    response.end(html);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The site has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await Promise.resolve();
    },
  };
}
