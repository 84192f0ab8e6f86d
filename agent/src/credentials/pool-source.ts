import { AppError } from '@gitprotect/shared/errors';
import type { Health } from '@gitprotect/shared/credential';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/schema.ts';
import type { BitbucketClient } from '../bitbucket/client.ts';
import { readRateLimit } from '../bitbucket/rate-limit.ts';
import type { Clock } from '../lib/clock.ts';
import { healthOf, ownerOf, poolCredential } from './credential-row.ts';
import type { PoolSource } from './pool.ts';
import type { SecretVault } from './secret-record.ts';

export interface PoolSourceOptions {
  readonly db: Kysely<Tables>;
  readonly vault: SecretVault;
  readonly clock: Clock;
  readonly clientOf: (serverId: string) => Promise<BitbucketClient>;
  /** Told when a credential's health has changed. */
  readonly onChange?: ((credentialId: string) => void) | undefined;
}

/** How exact "last used" is: not worth a write to disk for each request. */
const usedEvery = 60_000;

/** The stored credentials as the pool's source. */
export function poolSource({ db, vault, clock, clientOf, onChange }: PoolSourceOptions): PoolSource {
  const usedAt = new Map<string, number>();
  return {
    candidates: async ({ serverId, projectId, repoId, credentialIds }) => {
      if (credentialIds.length === 0) return [];
      const rows = await db
        .selectFrom('credentials')
        .innerJoin('attachments', 'attachments.credential_id', 'credentials.id')
        .leftJoin('sightings', (join) =>
          join.onRef('sightings.credential_id', '=', 'credentials.id').on('sightings.repo_id', '=', repoId ?? -1),
        )
        .selectAll('credentials')
        .select('sightings.repo_id as sighted')
        .where('credentials.server_id', '=', serverId)
        .where('attachments.project_id', '=', projectId)
        .where('credentials.id', 'in', credentialIds)
        .orderBy('attachments.own', 'desc')
        .orderBy('credentials.added_at')
        .execute();
      const now = clock.now();
      const usable = rows.filter((row) => {
        const { state } = healthOf(row);
        return state !== 'rejected' && state !== 'expired' && (row.expires_at === null || Date.parse(row.expires_at) > now);
      });
      const sighted = usable.filter((row) => row.sighted !== null);
      // Nobody saw it at the last look: let each try, the look may be old.
      return (sighted.length > 0 ? sighted : usable).map((row) => poolCredential({ id: row.id, serverId, owner: ownerOf(row) }));
    },
    secret: async (credentialId) => {
      const row = await db.selectFrom('credentials').select('secret_id').where('id', '=', credentialId).executeTakeFirst();
      const secret = row === undefined ? null : await vault.get(row.secret_id);
      if (secret !== null) return secret;
      throw new AppError('vault-unavailable', `the vault holds no secret for the credential ${credentialId}`, {
        remedy: 'add the token again',
      });
    },
    limit: async (serverId, { token, ownerSlug, answered }, signal) =>
      readRateLimit((await clientOf(serverId)).as(token, answered), ownerSlug, signal),
    markRejected: async (credentialId) => {
      const health: Health = {
        state: 'rejected',
        checkedAt: new Date(clock.now()).toISOString(),
        message: 'Bitbucket does not accept this token any more; create a new one and add it',
      };
      await db
        .updateTable('credentials')
        .set({ health_json: JSON.stringify(health) })
        .where('id', '=', credentialId)
        .execute();
      onChange?.(credentialId);
    },
    markUsed: async (credentialId) => {
      const now = clock.now();
      if (now - (usedAt.get(credentialId) ?? -Infinity) < usedEvery) return;
      usedAt.set(credentialId, now);
      await db
        .updateTable('credentials')
        .set({ last_used_at: new Date(now).toISOString() })
        .where('id', '=', credentialId)
        .execute();
    },
  };
}
