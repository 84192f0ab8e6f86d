import { createHash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import { Count } from '@gitprotect/shared/text';
import * as v from 'valibot';
import type { LfsObject } from '../../bitbucket/lfs/batch.ts';
import type { Manifest } from '../../catalogue/manifest.ts';
import { readMetadata } from '../../catalogue/metadata-object.ts';
import { lfsObjects } from '../../catalogue/metadata-record.ts';
import { openAge } from '../../storage/age.ts';
import { lfsName } from '../../storage/layout.ts';
import type { ChainPlace } from '../chain-packs.ts';

const Value = v.looseObject({ bytes: Count });

/** The large files that a snapshot needs. */
export async function* lfsOf(manifest: Manifest, place: ChainPlace, signal: AbortSignal): AsyncGenerator<LfsObject, void> {
  if (manifest.lfs === null || manifest.lfs.objects === 0) return;
  for await (const { key, value } of readMetadata(place, manifest.metadata?.chain ?? [], { signal, kinds: [lfsObjects] })) {
    const read = v.safeParse(Value, value);
    if (read.success && /^[0-9a-f]{64}$/.test(key)) yield { oid: key, bytes: read.output.bytes };
  }
}

/**
 * The bytes of a large file in storage. After the last of them it throws `storage-corrupt` when they are not those that its name says.
 * @throws AppError `not-found` when it is not in storage
 */
export async function* openLfs(
  serverId: string,
  oid: string,
  { storage, keys }: ChainPlace,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const name = lfsName(serverId, oid);
  const hash = createHash('sha256');
  for await (const piece of openAge(await storage.get(name, { signal }), keys.identity, name)) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') !== oid) {
    throw new AppError('storage-corrupt', `${name} does not hold the file that its name says`, {
      remedy: 'put the object back from a copy of the storage, or remove it and run the plan again while Bitbucket has it',
      facts: { object: name },
    });
  }
}
