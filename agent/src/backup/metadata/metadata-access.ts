import type { BitbucketClient } from '../../bitbucket/client.ts';
import type { Reader } from '../../bitbucket/reader.ts';
import { leasedReader } from '../../credentials/leased-reader.ts';
import type { LeaseRequest } from '../../credentials/pool.ts';
import type { WithLeaseOptions } from '../../credentials/with-lease.ts';

/** Who reads the metadata of one repo or project. */
export interface MetadataAccess {
  readonly read: Reader;
  /** For what only administrators are shown; `null` when no credential is left that could be one's. */
  admin(): Reader | null;
}

export interface MetadataAccessParts extends WithLeaseOptions {
  readonly client: Pick<BitbucketClient, 'baseUrl' | 'as'>;
  readonly wanted: Omit<LeaseRequest, 'purpose' | 'avoid'>;
  /** Those of `wanted` whose token may have the right to administer, as far as is known. */
  readonly mayAdmin: readonly string[];
  readonly onRequest: (credentialId: string) => void;
}

/** Each request goes out with whatever credential the pool lends. One that was refused as no administrator's is not asked for such things again. */
export function metadataAccess({ client, wanted, mayAdmin, ...options }: MetadataAccessParts): MetadataAccess {
  const refused = new Set<string>();
  const left = () => mayAdmin.filter((id) => !refused.has(id));
  const admin = leasedReader(client, () => ({ ...wanted, credentialIds: left() }), { ...options, onRefusal: (id) => refused.add(id) });
  return {
    read: leasedReader(client, () => wanted, options),
    admin: () => (left().length === 0 ? null : admin),
  };
}
