import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gitHttpBackend } from '../bitbucket/http-backend.ts';

/** A bare git server over smart HTTP: no accounts (anybody may push), no REST, only what git itself answers. */
export interface RepositoryServer extends AsyncDisposable {
  /** The clone URL of `<root>/<name>`. */
  url(name: string): string;
  /** `GET info/refs`, `POST git-upload-pack`: every request so far. */
  readonly requests: string[];
}

/** What a test puts before git: true when it has answered the request itself. */
export type Interception = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Serves the bare repositories in `root`. */
export async function serveRepositories(root: string, intercept: Interception = () => false): Promise<RepositoryServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${request.method} ${pathname.split('/').slice(2).join('/')}`);
    if (!intercept(request, response)) gitHttpBackend(request, response, { root, path: pathname, query: search.slice(1), user: 'ada' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (name) => `http://127.0.0.1:${port}/${name}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
