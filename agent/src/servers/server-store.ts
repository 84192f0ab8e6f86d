import { AppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import { parseServerUrl, type Server } from '@gitprotect/shared/server';
import type { Kysely } from 'kysely';
import { readVersion } from '../bitbucket/application-properties.ts';
import type { BitbucketClient } from '../bitbucket/client.ts';
import { patient } from '../bitbucket/patient.ts';
import { isSafe } from '../bitbucket/redirect.ts';
import type { Timeouts } from '../bitbucket/connections.ts';
import type { ServerRow, Tables } from '../db/schema.ts';
import type { Clock } from '../lib/clock.ts';
import { requireAllowedAddress } from './allowed-address.ts';
import { parseCa } from './ca.ts';
import { serverId } from './server-id.ts';

export interface ServerStoreOptions {
  readonly db: Kysely<Tables>;
  readonly clock: Clock;
  readonly timeouts?: Timeouts | undefined;
}

/** The Bitbucket servers somebody added, and one client for each. Dispose closes their connections. */
export interface ServerStore extends AsyncDisposable {
  /**
   * Adds a server once it has shown itself to be Bitbucket, asked without any credential. Added again, it takes the new CA.
   * @throws AppError `bad-request` for an address or CA that cannot be, `server-…` for what answers or does not
   */
  add(wanted: { readonly url: string; readonly ca?: string | undefined }, signal?: AbortSignal): Promise<Server>;
  list(): Promise<Server[]>;
  /** @throws AppError `not-found` */
  get(id: string): Promise<Server>;
  /** PEM of its own certificate authority. */
  ca(id: string): Promise<string | undefined>;
  /** @throws AppError `not-allowed` while projects or credentials are on it: those are removed first, and by a person */
  remove(id: string): Promise<void>;
  clientOf(id: string): Promise<BitbucketClient>;
}

const toServer = (row: ServerRow): Server => ({
  id: row.id,
  url: row.url,
  version: row.version,
  hasCa: row.ca !== null,
  addedAt: row.added_at,
});

export function serverStore({ db, clock, timeouts }: ServerStoreOptions): ServerStore {
  const clients = new Map<string, BitbucketClient>();

  const rowOf = async (id: string): Promise<ServerRow> => {
    const row = await db.selectFrom('servers').selectAll().where('id', '=', id).executeTakeFirst();
    if (row !== undefined) return row;
    throw new AppError('not-found', `there is no server ${id}`, { remedy: 'add the server first' });
  };
  const forget = async (id: string) => {
    const client = clients.get(id);
    clients.delete(id);
    await client?.[Symbol.asyncDispose]();
  };

  return {
    add: async (wanted, signal) => {
      const url = parseServerUrl(wanted.url);
      await requireAllowedAddress(url);
      const id = serverId(url);
      const before = await db.selectFrom('servers').selectAll().where('id', '=', id).executeTakeFirst();
      const ca = wanted.ca === undefined ? (before?.ca ?? null) : parseCa(wanted.ca);
      const version = await versionAt({ url, ca, clock, timeouts }, signal);
      await db
        .insertInto('servers')
        .values({ id, url, version, ca, git_protocol: null, added_at: new Date(clock.now()).toISOString() })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ version, ca }))
        .execute();
      await forget(id);
      return toServer(await rowOf(id));
    },
    list: async () => (await db.selectFrom('servers').selectAll().orderBy('added_at').execute()).map(toServer),
    get: async (id) => toServer(await rowOf(id)),
    ca: async (id) => (await rowOf(id)).ca ?? undefined,
    remove: async (id) => {
      const { url } = await rowOf(id);
      const [projects, credentials] = await Promise.all([
        db.selectFrom('projects').select('id').where('server_id', '=', id).execute(),
        db.selectFrom('credentials').select('id').where('server_id', '=', id).execute(),
      ]);
      if (projects.length > 0 || credentials.length > 0) {
        const what = `${formatCount(projects.length, 'project')} and ${formatCount(credentials.length, 'credential')}`;
        throw new AppError('not-allowed', `${url} still has ${what} here`, { remedy: 'remove those first; backups in storage stay' });
      }
      await db.deleteFrom('servers').where('id', '=', id).execute();
      await forget(id);
    },
    clientOf: async (id) => {
      const { url, ca } = await rowOf(id);
      const { bitbucketClient } = await import('../bitbucket/client.ts');
      const client = clients.get(id) ?? bitbucketClient({ baseUrl: url, ca: ca ?? undefined, clock, timeouts });
      clients.set(id, client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...clients.keys()].map(forget));
    },
  };
}

interface Place {
  readonly url: string;
  readonly ca: string | null;
  readonly clock: Clock;
  readonly timeouts: Timeouts | undefined;
}

/** Asks without a credential. A redirect is looked into once, to name the right address; it is never just followed. */
async function versionAt({ url, ca, clock, timeouts }: Place, signal?: AbortSignal): Promise<string> {
  const ask = async (baseUrl: string) => {
    const { bitbucketClient } = await import('../bitbucket/client.ts');
    await using client = bitbucketClient({ baseUrl, ca: ca ?? undefined, clock, timeouts });
    // Awaited here: rejecting while the client is disposed, it would be nobody's, which ends the process.
    return await readVersion(patient(client.as(null), clock), signal);
  };
  try {
    return await ask(url);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'server-redirects') throw error;
    const target = error.facts['target'];
    if (typeof target !== 'string' || !URL.canParse(target) || !isSafe(url, new URL(target))) throw error;
    await requireAllowedAddress(target);
    const version = await ask(target).catch(() => {
      throw error;
    });
    throw new AppError('server-redirects', `${url} redirects to ${target}`, {
      remedy: `add ${target} instead: Bitbucket ${version} answers there`,
      facts: { target },
      cause: error,
    });
  }
}
