import { bitbucketClient } from '@gitprotect/agent/bitbucket/client';
import { readRateLimit } from '@gitprotect/agent/bitbucket/rate-limit';
import { Buckets } from '@gitprotect/agent/credentials/buckets';
import type { PoolCredential } from '@gitprotect/agent/credentials/choose';
import { credentialPool, type Pool } from '@gitprotect/agent/credentials/pool';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { Secret } from '@gitprotect/agent/lib/secret';
import * as v from 'valibot';
import type { BucketSettings } from '../bitbucket/limits.ts';
import type { RequestRecord } from '../bitbucket/request-log.ts';
import { Simulator } from '../bitbucket/simulator.ts';

/** A user of the bench: what its bucket holds, and which repos it sees, by number. */
export interface BenchUser extends BucketSettings {
  readonly sees: (repo: number) => boolean;
}

/** A limited server, its users' tokens, and one kind of request: a repo's description. */
export interface Users extends AsyncDisposable {
  readonly pool: Pool;
  readonly credentials: readonly PoolCredential[];
  readonly requests: readonly RequestRecord[];
  /** Who sees a repo, by its number. */
  readonly whoSees: (repo: number) => readonly PoolCredential[];
  /** One request, once. */
  readonly ask: (credentialId: string, onAnswer?: (requestId: string | undefined) => void) => Promise<unknown>;
}

const path = '/rest/api/latest/projects/BENCH';

/** @param told whether the server tells its limits */
export async function startUsers(users: readonly BenchUser[], told: boolean): Promise<Users> {
  await using stack = new AsyncDisposableStack();
  const simulator = stack.use(await Simulator.start({ rateLimit: { enabled: true } }));
  const client = stack.use(bitbucketClient({ baseUrl: simulator.url }));
  const { state, limits, faults } = simulator;
  const project = state.addProject({ key: 'BENCH' });
  if (!told) faults.add({ kind: 'unavailable', status: 403 }, { path: /rate-limit/ });
  const tokens = new Map<string, Secret>();
  const credentials = users.map(({ capacity, fillRate }, number): PoolCredential => {
    const user = state.addUser({ name: `user${number}` });
    state.grant(user, 'PROJECT_READ', project);
    limits.overrides.set(user, { settings: { capacity, fillRate } });
    const { secret } = state.addToken({ user, name: 'bench', permissions: ['PROJECT_READ', 'REPO_READ'] });
    tokens.set(user.name, new Secret(secret));
    return { credentialId: user.name, user: user.name, ownerSlug: user.slug };
  });
  const tokenOf = (id: string): Secret => {
    const token = tokens.get(id);
    if (token === undefined) throw new Error(`nobody is called ${id}`);
    return token;
  };
  const pool = credentialPool({
    buckets: new Buckets(),
    clock: systemClock,
    chance: () => 0.5,
    source: {
      candidates: async ({ credentialIds }) => credentials.filter(({ credentialId }) => credentialIds.includes(credentialId)),
      secret: async (id) => tokenOf(id),
      limit: async (_, { token, ownerSlug, answered }, signal) => readRateLimit(client.as(token, answered), ownerSlug, signal),
      markRejected: async () => undefined,
      markUsed: async () => undefined,
    },
  });
  const owned = stack.move();
  return {
    pool,
    credentials,
    requests: simulator.requests,
    whoSees: (repo) => credentials.filter((_, number) => users[number]?.sees(repo) === true),
    ask: async (id, onAnswer) => client.as(tokenOf(id), onAnswer).get(path, { schema: v.looseObject({}) }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
