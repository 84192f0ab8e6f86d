import { isSameOwner, readToken, type Credential, type Owner, type Permission } from '@gitprotect/shared/credential';
import { AppError } from '@gitprotect/shared/errors';
import type { Transaction } from 'kysely';
import type { Tables } from '../db/schema.ts';
import { newId } from '../lib/id.ts';
import { Secret } from '../lib/secret.ts';
import { sameToken, tokenFacts } from './add.ts';
import { userKey } from './credential-row.ts';
import { writeSighting } from './known-repos.ts';
import { cannotRead, projectsOf } from './look.ts';
import { probe } from './probe.ts';
import { replaceSecret } from './secret-record.ts';
import type { CredentialStoreOptions } from './store.ts';

/** A token that takes the place of another one. */
export interface Successor {
  readonly token: Secret;
  readonly name?: string | undefined;
  readonly permissions?: readonly Permission[] | undefined;
  /** ISO 8601; `null` never expires. */
  readonly expiresAt?: string | null | undefined;
  /** Whether it may belong to somebody else: somebody said so. */
  readonly anotherOwner?: boolean | undefined;
}

/** What a successor sees, as of a token just added. */
export interface Succession {
  readonly sees: { readonly projects: number; readonly repos: number };
}

/**
 * Gives a credential a new token. The credential stays who it is, so every attachment, its place as a project's own, every plan's toggle and a
 * run that is on its way go on with the new token from one moment to the next; the old secret is erased. A token that was here as a credential of
 * its own is merged into it.
 * @throws AppError those of `probe`; `already-exists` for the token it has; `token-wrong-owner` for another user's; `token-no-read` when it
 * cannot read a project that the old one saw
 */
export async function renewCredential(
  options: CredentialStoreOptions,
  old: Credential,
  successor: Successor,
  signal?: AbortSignal,
): Promise<Succession> {
  const { db, clock, clientOf, buckets } = options;
  const { id, serverId } = old;
  const token = new Secret(successor.token.reveal().trim());
  const client = await clientOf(serverId);
  const form = readToken(token.reveal());
  const twin = await sameToken(options, { serverId, tokenId: form.form === 'token' ? form.tokenId : null, token });
  if (twin?.id === id) throw sameAgain(old.name);
  const projects = await projectsOf(options, serverId, await attachedTo(options, [id, ...(twin === undefined ? [] : [twin.id])]));
  const now = clock.now();
  const expiresAt = typeof successor.expiresAt === 'string' ? Date.parse(successor.expiresAt) : successor.expiresAt;
  const claims = { name: successor.name, permissions: successor.permissions, expiresAt };
  const report = await probe({ client, token, projects, claims, clock }, signal);
  if (successor.anotherOwner !== true) checkOwner(old, report);
  const saw = new Set(old.attachments.filter(({ sees }) => (sees ?? 0) > 0).map(({ projectId }) => projectId));
  const lost = projects.find((project) => saw.has(project.id) && !report.readable.some((look) => look.project.id === project.id));
  if (lost !== undefined) throw cannotRead(report.name ?? 'the new token', lost.key);

  const { secret_id: secretId } = await db.selectFrom('credentials').select('secret_id').where('id', '=', id).executeTakeFirstOrThrow();
  const next = newId('secret');
  const retired = [secretId, ...(twin === undefined ? [] : [twin.secret_id])];
  await replaceSecret(options, { id: next, retired }, token, async (transaction) => {
    if (twin !== undefined) await takeOver(transaction, { from: twin.id, to: id });
    await transaction
      .updateTable('credentials')
      .set({ ...tokenFacts(report, now), secret_id: next, token_id: report.tokenId, name: report.name ?? old.name })
      .where('id', '=', id)
      .execute();
    for (const { id: projectId } of projects) {
      const look = report.readable.find(({ project }) => project.id === projectId);
      const seen = { repos: look?.repos ?? [], remote: look?.remote };
      await writeSighting(transaction, { serverId, projectId, credentialId: id, ...seen, now });
    }
  });
  const user = userKey({ id, serverId, owner: report.owner });
  buckets.learn(user, report.limit, now);
  buckets.spent(user, report.requests, clock.now());
  return { sees: { projects: report.projects, repos: report.readable.reduce((sum, { repos }) => sum + repos.length, 0) } };
}

async function attachedTo({ db }: CredentialStoreOptions, ids: readonly string[]): Promise<string[]> {
  const rows = await db.selectFrom('attachments').select('project_id').distinct().where('credential_id', 'in', ids).execute();
  return rows.map(({ project_id: id }) => id);
}

/** Moves what one credential is used for to another, and deletes its row. */
async function takeOver(db: Transaction<Tables>, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  const attachments = await db.selectFrom('attachments').selectAll().where('credential_id', '=', from).execute();
  const plans = await db.selectFrom('plan_credentials').select('plan_id').where('credential_id', '=', from).execute();
  await db.deleteFrom('credentials').where('id', '=', from).execute();
  for (const attachment of attachments) {
    await db
      .insertInto('attachments')
      .values({ ...attachment, credential_id: to })
      .onConflict((conflict) =>
        conflict.columns(['credential_id', 'project_id']).doUpdateSet(attachment.own === 1 ? { own: 1 } : { credential_id: to }),
      )
      .execute();
  }
  for (const { plan_id } of plans) {
    await db
      .insertInto('plan_credentials')
      .values({ plan_id, credential_id: to })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** Of two project tokens nobody knows whether they are of one project: what they read decides. */
function checkOwner(old: Credential, { kind, owner }: Pick<Credential, 'kind'> & { readonly owner: Owner | null }): void {
  const same = old.owner === null || owner === null ? old.kind === kind : isSameOwner(old.owner, owner);
  if (same) return;
  throw new AppError('token-wrong-owner', `this is ${tokenOf(owner)}; “${old.name}” is ${tokenOf(old.owner)}`, {
    remedy: 'give a token of the same owner, or confirm that another one takes over: gitprotect-agent credential renew … --another-owner',
  });
}

const tokenOf = (owner: Owner | null): string =>
  owner === null ? 'a project or repository token' : `a token of ${owner.displayName} (${owner.slug})`;

function sameAgain(name: string): AppError {
  return new AppError('already-exists', `“${name}” has this very token already`, {
    remedy: 'create a new token in Bitbucket and give its secret',
  });
}
