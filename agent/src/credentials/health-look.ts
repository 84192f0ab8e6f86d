import { isSameOwner, type Health, type Owner } from '@gitprotect/shared/credential';
import { asAppError, fixedBy, type AppError } from '@gitprotect/shared/errors';
import type { CredentialRow } from '../db/schema.ts';
import { askedAs, ownershipOf, readStanding, type AskedAs } from '../bitbucket/owner.ts';
import { readyAt } from './bucket.ts';
import { healthOf, ownerOf, userKey } from './credential-row.ts';
import { shownHealth } from './health.ts';
import type { CredentialStoreOptions } from './store.ts';

const day = 86_400_000;
/** A server that does not answer is not asked about its other credentials, in milliseconds. */
const serverPause = 3_600_000;
/** Seconds a user is left alone when the server refuses without saying for how long. */
const usualPause = 60;

/** Looks at the credentials from time to time, whether plans run or not. */
export interface HealthLook {
  /**
   * Asks the server about each credential that nobody looked at for a day: one request each, none for a user who is throttled. Answers the ids
   * of those that fare otherwise than before. One look at a time; another call meanwhile does nothing.
   */
  look(signal: AbortSignal): Promise<string[]>;
}

export function healthLook(options: CredentialStoreOptions): HealthLook {
  const { db, vault, clock, buckets } = options;
  const notBefore = new Map<string, number>();
  let looking = false;

  const lookAt = async (row: CredentialRow, signal: AbortSignal): Promise<boolean> => {
    const now = clock.now();
    const user = userKey({ id: row.id, serverId: row.server_id, owner: ownerOf(row) });
    if (!isDue(row, now) || (notBefore.get(row.server_id) ?? 0) > now || readyAt(buckets.of(user), now, 1) > now) return false;
    const token = await vault.get(row.secret_id);
    if (token === null) return false;
    const reader = (await options.clientOf(row.server_id)).as(token);
    buckets.take(user, now, 1);
    let health: Health = { state: 'healthy', checkedAt: new Date(now).toISOString(), message: null };
    try {
      const asked = await askedAs(reader, signal);
      const owner = ownerOf(row);
      if (owner !== null && hasChanged(owner, asked)) {
        const { owner: present } = await ownershipOf(reader, asked, signal);
        if (present !== null) await adoptOwner(options, row.server_id, { from: owner, to: present });
        if (present !== null && present.name !== owner.name)
          health = { ...health, message: `its owner is called ${present.name} now, before ${owner.name}` };
      }
    } catch (caught) {
      signal.throwIfAborted();
      const error = asAppError(caught);
      if (error.code === 'throttled') {
        const seconds = Number(error.facts['retryAfterSeconds'] ?? usualPause);
        buckets.refuse(user, { now: clock.now(), takenAt: now, seconds, share: 1 });
        return false;
      }
      if (error.code !== 'token-rejected' && error.code !== 'token-expired') {
        if (fixedBy(error) === 'later' || error.code.startsWith('server-')) notBefore.set(row.server_id, now + serverPause);
        return false;
      }
      health = await refusedHealth(options, { row, error, now }, signal);
    }
    await db
      .updateTable('credentials')
      .set({ health_json: JSON.stringify(health) })
      .where('id', '=', row.id)
      .execute();
    const before = healthOf(row);
    return before.state !== health.state || before.message !== health.message;
  };

  return {
    look: async (signal) => {
      if (looking || vault.locked === true) return [];
      looking = true;
      try {
        const changed: string[] = [];
        for (const row of await db.selectFrom('credentials').selectAll().orderBy('added_at').execute()) {
          if (await lookAt(row, signal)) changed.push(row.id);
        }
        return changed;
      } finally {
        looking = false;
      }
    },
  };
}

/** Whether it is time to ask again. What has expired by its date needs no question. */
function isDue(row: CredentialRow, now: number): boolean {
  const stored = healthOf(row);
  const expiresAt = row.expires_at === null ? null : Date.parse(row.expires_at);
  if (shownHealth({ stored, expiresAt, parkedUntil: null, now }).state === 'expired') return false;
  if (stored.checkedAt === null) return true;
  const age = now - Date.parse(stored.checkedAt);
  // Negative when the clock was set back: then nobody knows.
  return age >= day || age < 0;
}

const hasChanged = ({ name, id }: Owner, asked: AskedAs): boolean =>
  name.toLowerCase() !== asked.name.toLowerCase() || (asked.id !== null && id !== asked.id);

/** Writes down how a user is called now, in all of its credentials: a token never changes its owner, so another name is a rename. */
export async function adoptOwner(
  { db, buckets }: Pick<CredentialStoreOptions, 'db' | 'buckets'>,
  serverId: string,
  { from, to }: { readonly from: Owner; readonly to: Owner },
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const row of await transaction.selectFrom('credentials').selectAll().where('server_id', '=', serverId).execute()) {
      const owner = ownerOf(row);
      if (owner === null || !isSameOwner(owner, from)) continue;
      await transaction
        .updateTable('credentials')
        .set({ owner_json: JSON.stringify(to) })
        .where('id', '=', row.id)
        .execute();
    }
  });
  if (from.slug !== to.slug) buckets.rename(userKey({ id: '', serverId, owner: from }), userKey({ id: '', serverId, owner: to }));
}

interface Refused {
  readonly row: CredentialRow;
  readonly error: AppError;
  readonly now: number;
}

/** The health of a refused token. Bitbucket's answer is one for all: whether the owner is to blame, another user of the server may know. */
export async function refusedHealth(options: CredentialStoreOptions, { row, error, now }: Refused, signal?: AbortSignal): Promise<Health> {
  const checkedAt = new Date(now).toISOString();
  if (error.code === 'token-expired') return { state: 'expired', checkedAt, message: error.message };
  const owner = ownerOf(row);
  const standing = owner === null ? 'unknown' : await standingOf(options, { row, owner }, signal);
  const words = `${owner?.displayName ?? ''} (${owner?.slug ?? ''})`;
  switch (standing) {
    case 'deactivated':
      return { state: 'rejected', checkedAt, message: `its owner ${words} is deactivated in Bitbucket`, cause: 'owner-deactivated' };
    case 'gone':
      return { state: 'rejected', checkedAt, message: `Bitbucket has no user ${words} any more`, cause: 'owner-gone' };
    case 'active':
      return { state: 'rejected', checkedAt, message: 'was revoked in Bitbucket, or has expired' };
    case 'unknown':
      return { state: 'rejected', checkedAt, message: error.message };
  }
}

/** Asks as the first other user of the server whose token was accepted last. */
async function standingOf(
  { db, vault, clientOf }: CredentialStoreOptions,
  { row, owner }: { readonly row: CredentialRow; readonly owner: Owner },
  signal?: AbortSignal,
): Promise<'active' | 'deactivated' | 'gone' | 'unknown'> {
  const others = await db.selectFrom('credentials').selectAll().where('server_id', '=', row.server_id).where('kind', '=', 'user').execute();
  const witness = others.find((one) => {
    const other = ownerOf(one);
    return healthOf(one).state === 'healthy' && other !== null && !isSameOwner(other, owner);
  });
  const token = witness === undefined ? null : await vault.get(witness.secret_id);
  if (token === null) return 'unknown';
  return readStanding((await clientOf(row.server_id)).as(token), owner.slug, signal);
}
