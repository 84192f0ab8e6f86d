import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Transform } from 'node:stream';
import { type Fault, faultOf, type GitOperation } from './faults.ts';
import type { GitAddress } from './git-request.ts';
import { gitHttpBackend } from './http-backend.ts';
import type { Instance } from './instance.ts';
import type { Identity, Repo, User } from './model.ts';
import { none, repoLevel, write } from './permissions.ts';
import { refreshPullRequests } from './pull-requests.ts';
import { blockedRefs } from './rest/settings/blocked-refs.ts';

export interface GitCall {
  readonly instance: Instance;
  readonly identity: Identity;
  readonly address: GitAddress;
  readonly operation: GitOperation | undefined;
  /** Query string without the question mark. */
  readonly query: string;
  readonly faults: readonly Fault[];
  readonly through: Transform | undefined;
}

const notFound = 'Repository not found\nThe requested repository does not exist, or you do not have permission to\naccess it.\n';

/** Serves git over HTTP below `/scm/`, with the real git behind Bitbucket's own gate. */
export class GitServer {
  /** What a repository's next request has to wait for. */
  readonly #pending = new Map<Repo, Promise<void>>();
  /** User and repository of every advertisement given, for the fault `get-first`. */
  readonly #advertised = new Set<string>();

  async answer(request: IncomingMessage, response: ServerResponse, call: GitCall): Promise<void> {
    const { instance, address, operation, identity } = call;
    const repo = instance.state.findRepo(address.projectKey, address.slug);
    const level = repo === undefined ? none : repoLevel(instance.state, identity, repo);
    if (repo === undefined || level === none) {
      if (identity.kind === 'anonymous') return challenge(response, 'Authentication required');
      const moved = instance.state.findMovedRepo(address.projectKey, address.slug);
      return moved === undefined ? text(response, 404, notFound) : redirect(response, call, moved);
    }
    if (operation === undefined) return text(response, 404, notFound);
    const pushes = operation === 'advertise-push' || operation === 'push';
    if (pushes && level < write) {
      if (identity.kind === 'anonymous') return challenge(response, 'Authentication required');
      return text(response, 403, 'You are not permitted to push to this repository\n');
    }
    if (pushes && repo.archived) return text(response, 403, 'Repository is archived and read-only\n');
    await this.#pending.get(repo);
    if (this.#needsAdvertisement(call, repo)) return text(response, 400, 'Bad Request\n');
    this.#prepare(call, repo, response);
    const git = {
      root: dirname(repo.folder),
      home: instance.gitHome,
      path: `/${basename(repo.folder)}${address.rest}`,
      query: call.query,
      user: level >= write && identity.kind !== 'anonymous' ? identity.user.name : '',
      blocked: pushes && identity.kind !== 'anonymous' ? blockedRefs(instance.state, repo, identity.user) : [],
      oldProtocol: faultOf(call.faults, 'no-v2') !== undefined,
      through: call.through,
    };
    if (instance.listings !== undefined && (operation === 'advertise' || operation === 'ls-refs'))
      return instance.listings.answer(request, response, git);
    gitHttpBackend(request, response, git);
    return undefined;
  }

  #needsAdvertisement({ identity, operation, faults }: GitCall, repo: Repo): boolean {
    const key = `${identity.kind === 'anonymous' ? '' : identity.user.id} ${repo.id}`;
    if (operation === 'advertise' || operation === 'advertise-push') this.#advertised.add(key);
    return faultOf(faults, 'get-first') !== undefined && !this.#advertised.has(key);
  }

  /** What has to happen after this answer and before the repository's next one. */
  #prepare({ instance, identity, operation, faults }: GitCall, repo: Repo, response: ServerResponse): void {
    const afterListing = faultOf(faults, 'after-listing');
    const work = operation === 'push' && identity.kind !== 'anonymous' ? pushed(instance, repo, identity.user) : listed(afterListing, repo);
    if (work === undefined) return;
    const done = finished(response)
      .catch(() => undefined)
      .then(work);
    this.#pending.set(repo, done);
    void done.finally(() => {
      if (this.#pending.get(repo) === done) this.#pending.delete(repo);
    });
  }
}

const pushed =
  ({ state, clock }: Instance, repo: Repo, user: User) =>
  (): Promise<void> =>
    refreshPullRequests(state.repos, repo, { user, at: clock.now() });

const listed = (fault: Extract<Fault, { kind: 'after-listing' }> | undefined, repo: Repo) =>
  fault === undefined ? undefined : () => fault.run(repo);

/** A git client needs Basic named in the challenge, or it never sends what it has. */
export function challenge(response: ServerResponse, message: string): void {
  response.setHeader('WWW-Authenticate', 'Basic realm="Atlassian Bitbucket"');
  text(response, 401, `${message}\n`);
}

export function text(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain;charset=UTF-8', 'Content-Length': Buffer.byteLength(message) });
  response.end(message);
}

function redirect(response: ServerResponse, { instance, address, query }: GitCall, { project, slug }: Repo): void {
  const path = `/scm/${project.key.toLowerCase()}/${slug}.git${address.rest}`;
  response.writeHead(307, { Location: instance.url + path + (query === '' ? '' : `?${query}`) });
  response.end();
}
