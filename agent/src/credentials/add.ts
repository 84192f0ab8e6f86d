import { timingSafeEqual } from 'node:crypto';
import type { Credential, Health, Permission } from '@gitprotect/shared/credential';
import type { Kysely } from 'kysely';
import type { CredentialRow, Tables } from '../db/schema.ts';
import { newId } from '../lib/id.ts';
import { Secret } from '../lib/secret.ts';
import { attach } from './attach.ts';
import { userKey } from './credential-row.ts';
import { writeSighting } from './known-repos.ts';
import { cannotRead, projectsOf } from './look.ts';
import { probe, type ProbeReport } from './probe.ts';
import { storeSecret } from './secret-record.ts';
import type { CredentialStoreOptions } from './store.ts';

/** A token as somebody offers it. */
export interface NewCredential {
  readonly serverId: string;
  readonly token: Secret;
  readonly name?: string | undefined;
  readonly permissions?: readonly Permission[] | undefined;
  /** ISO 8601; `null` never expires. */
  readonly expiresAt?: string | null | undefined;
  /** Where to attach it; without it every known project it can read. */
  readonly projectIds?: readonly string[] | undefined;
}

/** What was stored, and what the token sees: projects of the whole server, repos of the projects known here. */
export interface AddedCredential {
  readonly credential: Credential;
  readonly known: boolean;
  readonly sees: { readonly projects: number; readonly repos: number };
}

/** Probes, then stores. The steps of `CredentialStore.add`; answers the id. */
export async function addCredential(
  options: CredentialStoreOptions,
  wanted: NewCredential,
  signal?: AbortSignal,
): Promise<{ id: string } & Omit<AddedCredential, 'credential'>> {
  const { db, vault, clock, clientOf, buckets } = options;
  const token = new Secret(wanted.token.reveal().trim());
  const client = await clientOf(wanted.serverId);
  const projects = await projectsOf(options, wanted.serverId, wanted.projectIds);
  const now = clock.now();
  const expiresAt = typeof wanted.expiresAt === 'string' ? Date.parse(wanted.expiresAt) : wanted.expiresAt;
  const claims = { name: wanted.name, permissions: wanted.permissions, expiresAt };
  const report = await probe({ client, token, projects, claims, clock }, signal);
  const name = nameFor(wanted, report);
  if (wanted.projectIds !== undefined) {
    const missed = projects.find(({ id }) => !report.readable.some(({ project }) => project.id === id));
    if (missed !== undefined) throw cannotRead(name, missed.key);
  }

  const before = await sameToken(options, { serverId: wanted.serverId, tokenId: report.tokenId, token });
  const id = before?.id ?? newId('credential');
  const facts = tokenFacts(report, now);
  const write = async (transaction: Kysely<Tables>) => {
    if (before === undefined) {
      const row = {
        id,
        server_id: wanted.serverId,
        secret_id: id,
        name,
        token_id: report.tokenId,
        added_at: new Date(now).toISOString(),
        last_used_at: null,
      };
      await transaction
        .insertInto('credentials')
        .values({ ...row, ...facts })
        .execute();
    } else {
      // What was known and is not said this time stays.
      const { permissions_json: permissions, expires_at: expires, ...certain } = facts;
      await transaction
        .updateTable('credentials')
        .set({
          ...certain,
          ...(permissions === null ? {} : { permissions_json: permissions }),
          ...(expires === null ? {} : { expires_at: expires }),
          ...(wanted.name === undefined ? {} : { name }),
        })
        .where('id', '=', id)
        .execute();
    }
    await attach(
      transaction,
      id,
      report.readable.map(({ project }) => project.id),
    );
    for (const { project, ...look } of report.readable) {
      await writeSighting(transaction, { serverId: wanted.serverId, projectId: project.id, credentialId: id, ...look, now });
    }
  };
  if (before === undefined) {
    await storeSecret(options, id, token, write);
  } else {
    // The row exists, so a secret put again where it was is never a stray one.
    await vault.set(before.secret_id, token);
    await db.transaction().execute(write);
  }
  const user = userKey({ id, serverId: wanted.serverId, owner: report.owner });
  buckets.learn(user, report.limit, now);
  buckets.spent(user, report.requests, clock.now());
  const repos = report.readable.reduce((sum, { repos: seen }) => sum + seen.length, 0);
  return { id, known: before !== undefined, sees: { projects: report.projects, repos } };
}

function nameFor({ name }: NewCredential, report: ProbeReport): string {
  const given = name ?? report.name;
  if (given !== null) return given;
  const suffix = report.tokenId === null ? '' : ` ${report.tokenId}`;
  return `${report.owner === null ? 'project token' : `token of ${report.owner.displayName}`}${suffix}`
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, 100);
}

/** The columns that say what a token is. `now` in milliseconds since 1970. */
export function tokenFacts(
  report: ProbeReport,
  now: number,
): Pick<CredentialRow, 'kind' | 'owner_json' | 'permissions_json' | 'expires_at' | 'health_json'> {
  const health: Health = { state: 'healthy', checkedAt: new Date(now).toISOString(), message: null };
  return {
    kind: report.kind,
    owner_json: report.owner === null ? null : JSON.stringify(report.owner),
    permissions_json: report.permissions === null ? null : JSON.stringify(report.permissions),
    expires_at: report.expiresAt === null ? null : new Date(report.expiresAt).toISOString(),
    health_json: JSON.stringify(health),
  };
}

/** The row of this very token: by the id inside it, or, where that does not decode, by comparing with the vault's secrets. */
export async function sameToken(
  { db, vault }: CredentialStoreOptions,
  { serverId, tokenId, token }: { readonly serverId: string; readonly tokenId: string | null; readonly token: Secret },
): Promise<Pick<CredentialRow, 'id' | 'secret_id'> | undefined> {
  const there = db.selectFrom('credentials').select(['id', 'secret_id']).where('server_id', '=', serverId);
  if (tokenId !== null) return there.where('token_id', '=', tokenId).executeTakeFirst();
  for (const row of await there.where('token_id', 'is', null).execute()) {
    const secret = await vault.get(row.secret_id);
    if (secret !== null && equal(secret, token)) return row;
  }
  return undefined;
}

function equal(one: Secret, other: Secret): boolean {
  const [a, b] = [Buffer.from(one.reveal()), Buffer.from(other.reveal())];
  return a.length === b.length && timingSafeEqual(a, b);
}
