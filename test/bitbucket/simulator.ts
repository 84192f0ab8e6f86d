import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '@gitprotect/agent/lib/clock';
import { answer } from './exchange.ts';
import { Faults } from './faults.ts';
import { GitServer } from './git.ts';
import type { Instance } from './instance.ts';
import { ListingCache } from './listing-cache.ts';
import { type LimitOptions, RateLimits } from './limits.ts';
import type { TokenPage } from './pages-mount.ts';
import { recordRequest, type RequestRecord } from './request-log.ts';
import { errorAnswer, send } from './respond.ts';
import { State } from './state.ts';

export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port?: number;
  /** '' or '/bitbucket'. */
  readonly contextPath?: string;
  readonly version?: string;
  /** Serves HTTPS with this certificate (PEM). */
  readonly https?: { readonly key: string; readonly cert: string };
  readonly rateLimit?: LimitOptions;
  /** The largest page, smaller than clients may ask for. */
  readonly pageLimit?: number;
  /** The largest page of pull requests (100 when absent) and of activities (500). */
  readonly pageLimits?: { readonly pullRequests?: number; readonly activities?: number };
  /** Whether git offers the `filter` capability; whether Bitbucket does is not known, so it does not. */
  readonly partialClone?: boolean;
  /** Where repositories lie; a temporary folder, removed at the end, when absent. */
  readonly root?: string;
  /** Keeps its answers to questions for refs: for repositories that do not change. */
  readonly keepListings?: boolean;
  /** Moves token expiry and rate limits; the system's when absent. */
  readonly clock?: Clock;
}

/** A Bitbucket Data Center on 127.0.0.1: REST, git, pages, limits, and whatever goes wrong. */
export class Simulator implements Instance, AsyncDisposable {
  readonly url: string;
  readonly contextPath: string;
  readonly version: string;
  readonly clock: Clock;
  readonly pageLimit: number;
  readonly pageLimits: Instance['pageLimits'];
  readonly gitHome: string;
  readonly listings: Instance['listings'];
  readonly faults = new Faults();
  /** Every request since the start or the last `reset`, in order of arrival. */
  readonly requests: RequestRecord[] = [];
  /** Whether REST answers are kept in `requests`, to be held against the published API. */
  record = false;
  readonly tokenPage: TokenPage = { variant: 'aui-table', csp: false };
  readonly #options: SimulatorOptions;
  readonly #server: Server;
  #state: State;
  #limits: RateLimits;
  #git = new GitServer();

  private constructor(server: Server, gitHome: string, options: SimulatorOptions) {
    this.#server = server;
    this.#options = options;
    this.contextPath = options.contextPath ?? '';
    this.version = options.version ?? '10.4.3';
    this.clock = options.clock ?? systemClock;
    this.pageLimit = options.pageLimit ?? 1000;
    this.pageLimits = { pullRequests: 100, activities: 500, ...options.pageLimits };
    this.gitHome = gitHome;
    this.listings = options.keepListings === true ? new ListingCache() : undefined;
    const { port } = server.address() as AddressInfo;
    this.url = `${options.https === undefined ? 'http' : 'https'}://127.0.0.1:${port}${this.contextPath}`;
    this.#state = this.#emptyState();
    this.#limits = new RateLimits(this.clock, options.rateLimit);
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  /** Starts one and returns when it listens. */
  static async start(options: SimulatorOptions = {}): Promise<Simulator> {
    const root = options.root ?? mkdtempSync(join(tmpdir(), 'bitbucket-'));
    mkdirSync(root, { recursive: true });
    writeGitConfig(root, options.partialClone ?? false);
    const unanswered: RequestListener[] = [];
    const server = options.https === undefined ? createServer(...unanswered) : createSecureServer(options.https, ...unanswered);
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return new Simulator(server, root, options);
  }

  get state(): State {
    return this.#state;
  }

  get limits(): RateLimits {
    return this.#limits;
  }

  /** Forgets users, repositories, tokens, faults, limits and requests; address and options stay. */
  reset(): void {
    this.#state = this.#emptyState();
    this.#limits = new RateLimits(this.clock, this.#options.rateLimit);
    this.#git = new GitServer();
    this.faults.clear();
    this.requests.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    if (this.#options.root === undefined) rmSync(this.gitHome, { recursive: true, force: true });
  }

  #emptyState(): State {
    const folder = mkdtempSync(join(this.gitHome, 'repositories-'));
    return new State({ folder, version: this.version, clock: this.clock });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const inContext = pathname === this.contextPath || pathname.startsWith(`${this.contextPath}/`);
    const path = inContext ? pathname.slice(this.contextPath.length) || '/' : pathname;
    const record = recordRequest(request, response, {
      path,
      query: search.slice(1),
      node: this.limits.nextNode(),
      at: this.clock.now(),
    });
    this.requests.push(record);
    try {
      if (!inContext) {
        response.writeHead(404, { 'Content-Type': 'text/html;charset=UTF-8' }).end('<!DOCTYPE html><title>404</title>');
        return;
      }
      await answer(request, response, record, {
        instance: this,
        faults: this.faults,
        git: this.#git,
        tokenPage: this.tokenPage,
        record: this.record,
      });
    } catch (error) {
      if (response.headersSent) response.destroy();
      else send(response, errorAnswer(error, this.url));
    }
  }
}

/** What the server's git is told for every repository, and the hook that guards Bitbucket's own refs. */
function writeGitConfig(home: string, filter: boolean): void {
  const hooks = join(home, 'hooks');
  mkdirSync(hooks, { recursive: true });
  writeFileSync(
    join(hooks, 'pre-receive'),
    `#!/bin/sh
while read -r old new ref; do
  case "$ref" in
    refs/pull-requests/*)
      echo "$ref is reserved for Bitbucket's pull request functionality" >&2
      exit 1 ;;
  esac
  set -f
  for blocked in $BLOCKED_REFS; do
    case "$ref" in
      $blocked)
        echo "You are not permitted to update branch $ref: it is restricted" >&2
        exit 1 ;;
    esac
  done
done
`,
    { mode: 0o755 },
  );
  writeFileSync(
    join(home, '.gitconfig'),
    `[uploadpack]\n\tallowFilter = ${filter}\n[core]\n\thooksPath = ${hooks}\n[safe]\n\tdirectory = *\n[receive]\n\tadvertisePushOptions = false\n[gc]\n\tauto = 0\n`,
  );
}
