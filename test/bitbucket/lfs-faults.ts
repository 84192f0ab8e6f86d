import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ActiveFault } from './faults.ts';
import type { LfsFaults, Repo } from './model.ts';
import type { Simulator } from './simulator.ts';

export const noLfsFaults = (): LfsFaults => ({
  vanished: new Set(),
  altered: new Set(),
  elsewhere: undefined,
  ownAuthorization: false,
  verify: false,
});

/** The batch says the object is there; its download is a 404. */
export function vanish({ lfs }: Repo, oid: string): void {
  lfs.faults.vanished.add(oid);
}

/** The download has as many bytes as it should, but other ones. */
export function alter({ lfs }: Repo, oid: string): void {
  lfs.faults.altered.add(oid);
}

/** The object is gone, and the batch says so. */
export function lose({ lfs }: Repo, oid: string): void {
  lfs.objects.delete(oid);
}

/** Downloads of one object end after `at` bytes, the connection with them. */
export function cutDownload({ faults }: Simulator, oid: string, { at, times = Infinity }: { at: number; times?: number }): ActiveFault {
  return faults.add({ kind: 'cut', at }, { path: new RegExp(`/git-lfs/storage/.*${oid}`), times });
}

interface Throttling {
  readonly times?: number;
  readonly nth?: number;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** 429 for batch requests. */
export function throttleBatch({ faults }: Simulator, { retryAfter = 1, ...when }: Throttling = {}): ActiveFault {
  return faults.add({ kind: 'throttle', retryAfter }, { git: 'lfs', ...when });
}

/** 429 for downloads. */
export function throttleDownload({ faults }: Simulator, { retryAfter = 1, ...when }: Throttling = {}): ActiveFault {
  return faults.add({ kind: 'throttle', retryAfter }, { method: 'GET', path: /\/git-lfs\/storage\//, ...when });
}

/** Another server that holds the objects of `repo`, as an object store beside Bitbucket would. It writes down what it was sent. */
export class ObjectStore implements AsyncDisposable {
  readonly requests: { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers'] }[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts one, and has the batch of `repo` point at it. */
  static async start(repo: Repo): Promise<ObjectStore> {
    const server = createServer();
    const store = new ObjectStore(server);
    server.on('request', (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      store.requests.push({ method: request.method ?? '', path: pathname, headers: request.headers });
      const content = request.method === 'GET' ? repo.lfs.objects.get(pathname.slice(1)) : undefined;
      response.writeHead(content === undefined ? 404 : 200, { 'Content-Type': 'application/octet-stream' }).end(content);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    repo.lfs.faults.elsewhere = store.url;
    return store;
  }

  /** With a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Paths of the requests that came with credentials of Bitbucket's: there should be none. */
  leaks({ state }: Simulator): string[] {
    const secrets = state.tokens.map(({ secret }) => secret);
    return this.requests
      .filter(({ headers, path }) => secrets.some((secret) => `${path} ${JSON.stringify(headers)}`.includes(secret)))
      .map(({ method, path }) => `${method} ${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
