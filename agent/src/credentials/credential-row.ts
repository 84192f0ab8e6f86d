import { Credential, Health, Owner, Permission, type Attachment } from '@gitprotect/shared/credential';
import * as v from 'valibot';
import type { AttachmentRow, CredentialRow } from '../db/schema.ts';
import { shownHealth } from './health.ts';
import type { PoolCredential } from './choose.ts';

const json = <S extends v.GenericSchema>(schema: S) => v.pipe(v.string(), v.parseJson(), schema);
const OwnerColumn = json(Owner);
const PermissionsColumn = json(v.array(Permission));
const HealthColumn = json(Health);

export const ownerOf = (row: Pick<CredentialRow, 'owner_json'>): Owner | null =>
  row.owner_json === null ? null : v.parse(OwnerColumn, row.owner_json);

export const healthOf = (row: Pick<CredentialRow, 'health_json'>): Health => v.parse(HealthColumn, row.health_json);

/** What shares one bucket of requests: a user of a server; a token without an owner is alone. */
export function userKey({ id, serverId, owner }: Pick<Credential, 'id' | 'serverId' | 'owner'>): string {
  return owner === null ? `${serverId}/token ${id}` : `${serverId}/user ${owner.slug}`;
}

/** A credential as the pool knows it. */
export function poolCredential({ id, serverId, owner }: Pick<Credential, 'id' | 'serverId' | 'owner'>): PoolCredential {
  return { credentialId: id, user: userKey({ id, serverId, owner }), ownerSlug: owner?.slug ?? null };
}

export function toAttachment(row: AttachmentRow): Attachment {
  return { projectId: row.project_id, own: row.own === 1, sees: row.sees, of: row.of };
}

/** What else is known of a credential beside its row. */
export interface Beside {
  readonly attachments: readonly AttachmentRow[];
  readonly plans: Credential['plans'];
  readonly parkedUntil: number | null;
  readonly now: number;
}

/** A credential as everybody sees it. */
export function toCredential(row: CredentialRow, { attachments, plans, parkedUntil, now }: Beside): Credential {
  return {
    id: row.id,
    serverId: row.server_id,
    name: row.name,
    tokenId: row.token_id,
    kind: row.kind,
    owner: ownerOf(row),
    permissions: row.permissions_json === null ? null : v.parse(PermissionsColumn, row.permissions_json),
    expiresAt: row.expires_at,
    health: shownHealth({
      stored: healthOf(row),
      expiresAt: row.expires_at === null ? null : Date.parse(row.expires_at),
      parkedUntil,
      now,
    }),
    attachments: attachments.map(toAttachment),
    plans,
    addedAt: row.added_at,
    lastUsedAt: row.last_used_at,
  };
}
