import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { Catalogue } from '@gitprotect/agent/catalogue/catalogue';
import type { Link } from '@gitprotect/agent/catalogue/manifest';
import { nextManifest } from '@gitprotect/agent/catalogue/next-manifest';
import type { Entry } from '@gitprotect/agent/catalogue/snapshot-row';
import { newSigningKey } from '@gitprotect/agent/catalogue/ssh-signature';
import { openDatabase } from '@gitprotect/agent/db/database';
import { bundleStream } from '@gitprotect/agent/git/bundle';
import { readRefs } from '@gitprotect/agent/git/rebuild';
import { Secret } from '@gitprotect/agent/lib/secret';
import { streamOf } from '@gitprotect/agent/storage/bytes';
import { newBundleName } from '@gitprotect/agent/storage/layout';
import { openLocalStorage } from '@gitprotect/agent/storage/local';
import { sealed } from '@gitprotect/agent/storage/sealed';
import type { Storage } from '@gitprotect/agent/storage/storage';
import { openStorage } from '@gitprotect/agent/storage/storage-file';
import { gitEnvironment } from '../repositories/real-git.ts';

export const { signal } = new AbortController();
export const host = { machine: { PATH: process.env['PATH'] ?? '' }, signal };

/** A storage with its catalogue, and both keys' identities as files that `age` reads. */
export async function newBackups(decorate: (storage: Storage) => Storage = (storage) => storage) {
  const root = mkdtempSync(join(tmpdir(), 'gitprotect-format-'));
  const identities = [await generateX25519Identity(), await generateX25519Identity()];
  const recipients = await Promise.all(identities.map((identity) => identityToRecipient(identity)));
  const [agentKey = '', recoveryKey = ''] = identities.map((identity, index) => {
    const file = join(root, `key-${index}.txt`);
    writeFileSync(file, `${identity}\n`, { mode: 0o600 });
    return file;
  });
  const storage = decorate(await openLocalStorage(join(root, 'storage'), { create: true }));
  await openStorage(storage, { expectId: null, recipients, signingKey: null, now: 0, signal });
  const keys = { recipients, identity: new Secret(identities[0] ?? ''), signing: newSigningKey() };
  const catalogue = new Catalogue({ storage, keys, db: openDatabase(':memory:') });
  return { root, storage, keys, catalogue, agentKey, recoveryKey };
}

export type Backups = Awaited<ReturnType<typeof newBackups>>;

/** What `git pack-objects` packs: everything that `wants` reach and `haves` do not. */
function packOf(dir: string, wants: readonly string[], haves: readonly string[]): Buffer {
  const input = [...wants, '--not', ...haves].join('\n');
  const args = ['pack-objects', '--revs', '--stdout', '--thin', '--delta-base-offset', '-q'];
  return execFileSync('git', args, { cwd: dir, env: gitEnvironment, input, maxBuffer: 1e9 });
}

/** Backs a bare repo up as it is now, with git's own packs: prepare, put, commit. */
export async function backUp({ storage, keys, catalogue }: Backups, dir: string, repoId: number): Promise<Entry> {
  const repo = { serverId: 'srv', repoId };
  const next = await catalogue.prepare(repo, { signal });
  const { refs, head } = await readRefs(dir, host);
  const objectFormat = execFileSync('git', ['rev-parse', '--show-object-format'], { cwd: dir, env: gitEnvironment }).toString().trim();
  const oids = (list: typeof refs): string[] => [...new Set(Array.from(list.values(), ({ oid }) => oid))];
  const before = oids(next.before?.refs ?? new Map());
  const wants = oids(refs).filter((oid) => !before.includes(oid));
  // What the server still has of them: a `have` it has forgotten means nothing to it.
  const known = before.filter((oid) => {
    try {
      execFileSync('git', ['cat-file', '-e', oid], { cwd: dir, env: gitEnvironment, stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
  const links: Link[] = [];
  const kind = next.before === undefined || next.before.manifest.chain.length === 0 ? 'full' : 'incremental';
  if (wants.length > 0) {
    const pack = packOf(dir, wants, known);
    const object = newBundleName(repo, next.id);
    const format = objectFormat === 'sha256' ? 'sha256' : 'sha1';
    const named = [...refs].filter(([, { oid }]) => wants.includes(oid)).map(([name, { oid }]) => [name, oid] as const);
    const bundle = bundleStream({ objectFormat: format, prerequisites: [], refs: named }, streamOf(pack));
    const stored = await sealed(storage, keys).put(object, bundle, { signal });
    const packed = { packBytes: pack.length, packObjects: pack.readUInt32BE(8) };
    links.push({ object, kind, ...stored, ...packed, prerequisites: 0, refsCount: named.length });
  }
  const manifest = nextManifest(
    {
      server: { id: repo.serverId, url: 'https://bitbucket.example.com' },
      repo: { id: repoId, projectKey: 'ORCH', projectName: 'Orchard "one"', slug: `repo-${repoId}`, name: 'Äpfel\n' },
      runId: 'run_1',
      takenAt: new Date(1_700_000_000_000 + next.sequence * 86_400_000).toISOString(),
      kind: refs.size === 0 ? 'empty' : links.length === 0 ? 'refs-only' : kind,
      objectFormat: objectFormat === 'sha256' ? 'sha256' : 'sha1',
      head,
      refs,
      chain: [...(next.before?.manifest.chain ?? []), ...links],
      leansOn: null,
      listingHash: null,
      shallow: [],
      lost: [],
      warnings: [],
      massChange: null,
      metadata: null,
      lfs: null,
    },
    next,
  );
  return catalogue.add(manifest, { signal });
}
