import type { Repo } from '@gitprotect/shared/repo';
import type { Server } from '@gitprotect/shared/server';
import type { Dispatcher } from 'undici';
import { clonePath } from '../bitbucket/git-access.ts';
import type { Lease, Pool } from '../credentials/pool.ts';
import { withLease } from '../credentials/with-lease.ts';
import { undiciTransport, type Patience } from '../git/http.ts';
import type { Dialect, GitAnswer, GitTransport } from '../git/transport.ts';
import type { Clock } from '../lib/clock.ts';
import type { RepoPlace } from '../storage/layout.ts';

/** A repo of a run, and who may ask for it. */
export interface RepoToSave {
  readonly server: Pick<Server, 'id' | 'url'>;
  readonly projectId: string;
  readonly projectName: string | null;
  readonly repo: Repo;
  /** Credentials in use that see it. */
  readonly credentialIds: readonly string[];
}

/** Where its backups lie. */
export const placeOf = ({ server, repo }: Pick<RepoToSave, 'server' | 'repo'>): RepoPlace => ({ serverId: server.id, repoId: repo.id });

/** What all repos of a server share. */
export interface GitLine {
  /** Kept-alive connections to the server. */
  readonly dispatcher: Dispatcher;
  readonly patience?: Partial<Patience> | undefined;
  /** What the server needs for a listing, once one has been made. */
  dialect?: Dialect | undefined;
}

export interface AccessParts {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly line: GitLine;
  readonly signal: AbortSignal;
  /** How much of each user's limit it may use. */
  readonly share?: number | undefined;
  /** Told of each HTTP request, and which credential makes it. */
  readonly onRequest: (credentialId: string) => void;
  /** Told when every user is throttled, with the time of the next try (milliseconds since 1970); with `null` when it goes on. */
  readonly onWait: (until: number | null) => void;
}

/** One repo as a job asks for it: each request with whatever credential the pool lends, and all of them told of. */
export class RepoAccess {
  readonly #wanted: RepoToSave;
  readonly #parts: AccessParts;
  readonly #credentialIds: string[] = [];
  #waits = false;

  constructor(wanted: RepoToSave, parts: AccessParts) {
    this.#wanted = wanted;
    this.#parts = parts;
  }

  /** Credentials that served it, in order, each once. */
  get credentialIds(): readonly string[] {
    return this.#credentialIds;
  }

  /**
   * Makes one request with a lent credential, and again with the next when this one is throttled or refused. `avoid`: not with these,
   * if there are others.
   */
  async ask<T>(request: (transport: GitTransport) => Promise<T>, avoid: readonly string[] = []): Promise<T> {
    const { server, projectId, repo, credentialIds } = this.#wanted;
    const { pool, clock, line, signal, share } = this.#parts;
    const others = credentialIds.filter((id) => !avoid.includes(id));
    const wanted = {
      serverId: server.id,
      projectId,
      credentialIds: others.length > 0 ? others : credentialIds,
      purpose: 'git' as const,
      share,
      onWait: this.#onWait,
    };
    return withLease(
      wanted,
      async (lease) => {
        this.#lent(lease.credentialId);
        const transport = undiciTransport({
          url: server.url + clonePath(repo),
          token: lease.token,
          dispatcher: line.dispatcher,
          patience: line.patience,
          clock,
        });
        return request(this.#told(transport, lease));
      },
      { pool, clock, signal },
    );
  }

  /** Who may be lent for it. */
  get mayLend(): readonly string[] {
    return this.#wanted.credentialIds;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get signal(): AbortSignal {
    return this.#parts.signal;
  }

  /** Makes one REST request with a lent token, and again with the next when it is throttled or refused. Never with those in `avoid`. */
  async rest<T>(request: (lease: Lease) => Promise<T>, avoid: readonly string[] = []): Promise<T> {
    const { server, projectId, credentialIds } = this.#wanted;
    const { pool, clock, signal, share } = this.#parts;
    return withLease(
      { serverId: server.id, projectId, credentialIds, avoid, purpose: 'rest', share, onWait: this.#onWait },
      async (lease) => {
        this.#lent(lease.credentialId);
        this.#parts.onRequest(lease.credentialId);
        return request(lease);
      },
      { pool, clock, signal },
    );
  }

  readonly #onWait = (until: number): void => {
    this.#waits = true;
    this.#parts.onWait(until);
  };

  #lent(credentialId: string): void {
    if (!this.#credentialIds.includes(credentialId)) this.#credentialIds.push(credentialId);
    if (this.#waits) this.#parts.onWait(null);
    this.#waits = false;
  }

  #told(transport: GitTransport, { credentialId, answered }: Lease): GitTransport {
    const told = async (asked: Promise<GitAnswer>): Promise<GitAnswer> => {
      this.#parts.onRequest(credentialId);
      const answer = await asked;
      answered(answer.headers['x-arequestid']);
      return answer;
    };
    return {
      url: transport.url,
      get: async (path, options) => told(transport.get(path, options)),
      post: async (path, body, options) => told(transport.post(path, body, options)),
    };
  }
}
