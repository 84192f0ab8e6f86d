import { AppError } from '@gitprotect/shared/errors';
import type { Health } from '@gitprotect/shared/credential';
import type { Database } from '../db/database.ts';
import { ReadMemory } from '../db/read-memory.ts';
import type { BitbucketClient } from '../bitbucket/client.ts';
import { readRateLimit } from '../bitbucket/rate-limit.ts';
import type { Clock } from '../lib/clock.ts';
import { healthOf, ownerOf, poolCredential } from './credential-row.ts';
import type { PoolCredential } from './choose.ts';
import { OpenSecrets } from './open-secrets.ts';
import type { PoolSource } from './pool.ts';
import type { SecretVault } from './secret-record.ts';

export interface PoolSourceOptions {
  readonly db: Database;
  readonly vault: SecretVault;
  readonly clock: Clock;
  readonly clientOf: (serverId: string) => Promise<BitbucketClient>;
  /** Told when a credential's health has changed. */
  readonly onChange?: ((credentialId: string) => void) | undefined;
}

/** How exact "last used" is: not worth a write to disk for each request. */
const usedEvery = 60_000;

type Asked = Parameters<PoolSource['candidates']>[0];

/** A credential that the server has not refused, until it expires (milliseconds since 1970). */
interface Usable {
  readonly candidate: PoolCredential;
  readonly until: number;
}

/** The project's usable credentials among those named, its own first. */
async function usableFor(db: Database, { serverId, projectId, credentialIds }: Asked): Promise<readonly Usable[]> {
  const rows = await db
    .selectFrom('credentials')
    .innerJoin('attachments', 'attachments.credential_id', 'credentials.id')
    .selectAll('credentials')
    .where('credentials.server_id', '=', serverId)
    .where('attachments.project_id', '=', projectId)
    .where('credentials.id', 'in', credentialIds)
    .orderBy('attachments.own', 'desc')
    .orderBy('credentials.added_at')
    .execute();
  return rows
    .filter((row) => !['rejected', 'expired'].includes(healthOf(row).state))
    .map((row) => ({
      candidate: poolCredential({ id: row.id, serverId, owner: ownerOf(row) }),
      until: row.expires_at === null ? Infinity : Date.parse(row.expires_at),
    }));
}

/** The stored credentials as the pool's source. */
export function poolSource({ db, vault, clock, clientOf, onChange }: PoolSourceOptions): PoolSource {
  const usedAt = new Map<string, number>();
  // Asked for each request, and most often the same.
  const attached = new ReadMemory<readonly Usable[]>(db);
  const secrets = new OpenSecrets(vault, clock);
  const secretIds = new ReadMemory<{ secret_id: string } | undefined>(db);
  return {
    candidates: async (wanted) => {
      const { serverId, projectId, credentialIds } = wanted;
      if (credentialIds.length === 0) return [];
      const usable = await attached.read(`${serverId} ${projectId} ${credentialIds.join(' ')}`, () => usableFor(db, wanted));
      const now = clock.now();
      return usable.filter(({ until }) => until > now).map(({ candidate }) => candidate);
    },
    secret: async (credentialId) => {
      const row = await secretIds.read(credentialId, () =>
        db.selectFrom('credentials').select('secret_id').where('id', '=', credentialId).executeTakeFirst(),
      );
      const secret = row === undefined ? null : await secrets.get(row.secret_id);
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
        message: 'Bitbucket does not accept this token any more',
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
