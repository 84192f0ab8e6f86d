import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { openDatabase } from '../db/database.ts';
import { Secret } from '../lib/secret.ts';
import { streamOf } from '../storage/bytes.ts';
import { newBundleName, type RepoPlace } from '../storage/layout.ts';
import { openLocalStorage } from '../storage/local.ts';
import { type Keys, sealed } from '../storage/sealed.ts';
import { openStorage } from '../storage/storage-file.ts';
import type { Storage } from '../storage/storage.ts';
import { Catalogue } from './catalogue.ts';
import { Ledger } from './ledger.ts';
import type { Link, Manifest } from './manifest.ts';
import { nextManifest, type Taken } from './next-manifest.ts';
import type { Entry } from './snapshot-row.ts';
import { newSigningKey, sshPublicKey } from './ssh-signature.ts';

/* What the catalogue's tests share: a real storage, real keys, and manifests of a repo that changes. */

export const signal = new AbortController().signal;
export const repo: RepoPlace = { serverId: 's1', repoId: 42 };
export const oid = (digit: string): string => digit.repeat(40);

export async function newKeys(): Promise<Keys> {
  const identity = await generateX25519Identity();
  return { identity: new Secret(identity), recipients: [await identityToRecipient(identity)] };
}

export const newStorage = (): Promise<Storage> => openLocalStorage(mkdtempSync(join(tmpdir(), 'gitprotect-catalogue-')), { create: false });

/** A catalogue over a storage of its own, or a given one, and an empty database. */
export async function openSample(given: { storage?: Storage; keys?: Keys; signingKey?: Secret } = {}) {
  const storage = given.storage ?? (await newStorage());
  const keys = given.keys ?? (await newKeys());
  const signingKey = given.signingKey ?? newSigningKey();
  const { recipients } = keys;
  const { id } = await openStorage(storage, { expectId: null, recipients, signingKey: sshPublicKey(signingKey), now: 0, signal });
  const db = openDatabase(':memory:');
  return {
    storage,
    storageId: id,
    keys,
    signingKey,
    db,
    catalogue: new Catalogue({ storage, keys, db }),
    ledger: new Ledger({ storage, storageId: id, db, signingKey }),
  };
}

export type Sample = Awaited<ReturnType<typeof openSample>>;

/** Puts a bundle of a few bytes, and says what its link is. */
export async function putLink(
  { storage, keys }: Pick<Sample, 'storage' | 'keys'>,
  id: string,
  kind: Link['kind'],
  of: RepoPlace = repo,
): Promise<Link> {
  const object = newBundleName(of, id);
  const stored = await sealed(storage, keys).put(object, streamOf(`bundle of ${id}`), { signal });
  return { object, kind, ...stored, packBytes: 10, packObjects: 1, prerequisites: 0, refsCount: 1 };
}

export const taken = (refs: Taken['refs'], more: Partial<Taken> = {}): Taken => ({
  server: { id: repo.serverId, url: 'https://bitbucket.example.com' },
  repo: { id: repo.repoId, projectKey: 'ORCH', projectName: 'Orchard', slug: 'apples', name: 'Apples' },
  runId: 'run1',
  takenAt: '2026-03-01T02:00:00.000Z',
  kind: 'full',
  objectFormat: 'sha1',
  head: { symbolic: 'refs/heads/main', oid: oid('a') },
  refs,
  chain: [],
  leansOn: null,
  listingHash: null,
  shallow: [],
  lost: [],
  warnings: [],
  massChange: null,
  metadata: null,
  lfs: null,
  ...more,
});

/** One branch `main` at `oid(digit)`. */
export const mainAt = (digit: string): Taken['refs'] => new Map([['refs/heads/main', { oid: oid(digit) }]]);

/** Takes the next snapshot as a backup does: look, put the bundle, commit. A full one first, incremental ones after. */
export async function take(sample: Sample, refs: Taken['refs'], more: Partial<Taken> = {}): Promise<{ entry: Entry; manifest: Manifest }> {
  const of = { serverId: repo.serverId, repoId: more.repo?.id ?? repo.repoId };
  const next = await sample.catalogue.prepare(of, { signal });
  const kind = more.kind ?? (next.before === undefined ? 'full' : 'incremental');
  const links = kind === 'full' || kind === 'incremental' ? [await putLink(sample, next.id, kind, of)] : [];
  const chain = [...(kind === 'full' ? [] : (next.before?.manifest.chain ?? [])), ...links];
  const manifest = nextManifest(taken(refs, { kind, chain, ...more }), next);
  return { entry: await sample.catalogue.add(manifest, { signal }), manifest };
}
