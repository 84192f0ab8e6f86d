import type { Credential } from '@gitprotect/shared/credential';
import { AppError } from '@gitprotect/shared/errors';
import type { Kysely } from 'kysely';
import type { BitbucketClient } from '../bitbucket/client.ts';
import type { Tables } from '../db/schema.ts';
import type { Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import { addCredential, type AddedCredential, type NewCredential } from './add.ts';
import { detach } from './attach.ts';
import type { Buckets } from './buckets.ts';
import { credentialsInUse } from './in-use.ts';
import { testCredential, attachAfterLook } from './look.ts';
import { eraseSecret, type SecretVault } from './secret-record.ts';
import { renewCredential, type Succession, type Successor } from './renew.ts';
import { ownerOf, toCredential, userKey } from './credential-row.ts';
import { Turnstile } from './turnstile.ts';

export interface CredentialStoreOptions {
  readonly db: Kysely<Tables>;
  readonly vault: SecretVault;
  readonly clock: Clock;
  readonly buckets: Buckets;
  /** The client of a server we know. */
  readonly clientOf: (serverId: string) => Promise<BitbucketClient>;
}

/** Tokens people gave us: rows in the database, secrets in the vault. No call gives a secret out but `secret`, for the agent's own use. */
export interface CredentialStore {
  /**
   * Probes the token, then stores it; resolves only when vault and database both have it. The same token again stores nothing twice.
   * @throws AppError those of `probe`; `token-no-read` for a project in `projectIds` it cannot read; `not-found` for an unknown server or project
   */
  add(wanted: NewCredential, signal?: AbortSignal): Promise<AddedCredential>;
  list(only?: { readonly projectId?: string | undefined; readonly serverId?: string | undefined }): Promise<Credential[]>;
  /** @throws AppError `not-found` */
  get(id: string): Promise<Credential>;
  /** Probes a stored token again and writes down its health. Rejects only when the server could not be asked. */
  test(id: string, signal?: AbortSignal): Promise<Credential>;
  /** Gives it a new token; see `renewCredential`. */
  renew(id: string, successor: Successor, signal?: AbortSignal): Promise<{ readonly credential: Credential } & Succession>;
  /** @throws AppError `token-no-read` when it cannot read one of the projects; nothing is attached then */
  attach(id: string, projectIds: readonly string[], signal?: AbortSignal): Promise<Credential>;
  /** Attaches every credential that reads a project just added, the oldest first. Answers how many; one that fails is passed over. */
  attachAll(projectId: string, signal?: AbortSignal): Promise<number>;
  /** Only takes it off one project. When it was the project's own, the project's warnings say that there is none now. */
  detach(id: string, projectId: string): Promise<void>;
  /** Forgets it everywhere and erases its secret. */
  remove(id: string): Promise<void>;
  /** @throws AppError `not-found`, `vault-unavailable`, `vault-locked` */
  secret(id: string): Promise<Secret>;
}

export function credentialStore(options: CredentialStoreOptions): CredentialStore {
  const { db, vault, clock, buckets } = options;
  // Two clicks on one button must not race each other to the same row.
  const oneAtATime = new Turnstile(1);

  const list: CredentialStore['list'] = async (only = {}) => {
    let query = db.selectFrom('credentials').selectAll().orderBy('added_at').orderBy('id');
    if (only.serverId !== undefined) query = query.where('server_id', '=', only.serverId);
    if (only.projectId !== undefined) {
      const there = db.selectFrom('attachments').select('credential_id').where('project_id', '=', only.projectId);
      query = query.where('id', 'in', there);
    }
    const rows = await query.execute();
    const attachments = Map.groupBy(await db.selectFrom('attachments').selectAll().execute(), (row) => row.credential_id);
    const uses = Map.groupBy(await credentialsInUse(db), ({ credentialId }) => credentialId);
    const now = clock.now();
    return rows.map((row) =>
      toCredential(row, {
        attachments: attachments.get(row.id) ?? [],
        plans: [...new Map((uses.get(row.id) ?? []).map(({ planId: id, planName: name }) => [id, { id, name }])).values()],
        parkedUntil: buckets.parkedUntil(userKey({ id: row.id, serverId: row.server_id, owner: ownerOf(row) }), now),
        now,
      }),
    );
  };

  const get: CredentialStore['get'] = async (id) => {
    const found = (await list()).find((credential) => credential.id === id);
    if (found === undefined) throw unknownCredential(id);
    return found;
  };

  const secret: CredentialStore['secret'] = async (id) => {
    const row = await db.selectFrom('credentials').select(['name', 'secret_id']).where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw unknownCredential(id);
    const found = await vault.get(row.secret_id);
    if (found !== null) return found;
    const { name } = row;
    throw new AppError('vault-unavailable', `the vault holds no secret for the credential “${name}”`, { remedy: 'add the token again' });
  };

  const alone = async <T>(work: () => Promise<T>, signal = new AbortController().signal): Promise<T> => {
    const leave = await oneAtATime.enter(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  };

  return {
    list,
    get,
    secret,
    add: (wanted, signal) =>
      alone(async () => {
        const { id, ...rest } = await addCredential(options, wanted, signal);
        return { credential: await get(id), ...rest };
      }, signal),
    test: (id, signal) =>
      alone(async () => {
        await testCredential(options, await get(id), signal);
        return get(id);
      }, signal),
    renew: (id, successor, signal) =>
      alone(async () => {
        const seen = await renewCredential(options, await get(id), successor, signal);
        return { credential: await get(id), ...seen };
      }, signal),
    attach: (id, projectIds, signal) =>
      alone(async () => {
        const credential = await get(id);
        await attachAfterLook(options, { credential, token: await secret(id), projectIds }, signal);
        return get(id);
      }, signal),
    attachAll: (projectId, signal) =>
      alone(async () => {
        const { server_id: serverId } = await db
          .selectFrom('projects')
          .select('server_id')
          .where('id', '=', projectId)
          .executeTakeFirstOrThrow();
        let attached = 0;
        for (const credential of await list({ serverId })) {
          try {
            await attachAfterLook(options, { credential, token: await secret(credential.id), projectIds: [projectId] }, signal);
            attached += 1;
          } catch (error) {
            signal?.throwIfAborted();
            if (!(error instanceof AppError)) throw error;
          }
        }
        return attached;
      }, signal),
    detach: (id, projectId) => db.transaction().execute((transaction) => detach(transaction, id, projectId)),
    remove: async (id) => {
      const row = await db.selectFrom('credentials').select('secret_id').where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw unknownCredential(id);
      await eraseSecret(options, row.secret_id, async (transaction) => {
        await transaction.deleteFrom('credentials').where('id', '=', id).execute();
      });
    },
  };
}

function unknownCredential(id: string): AppError {
  return new AppError('not-found', `there is no credential ${id}`, { remedy: 'list the credentials; it may have been removed' });
}
