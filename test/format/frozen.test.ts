import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Catalogue } from '@gitprotect/agent/catalogue/catalogue';
import { holdsKnown } from '@gitprotect/agent/catalogue/holds';
import { Ledger } from '@gitprotect/agent/catalogue/ledger';
import { readMetadata } from '@gitprotect/agent/catalogue/metadata-object';
import { openDatabase } from '@gitprotect/agent/db/database';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { Secret } from '@gitprotect/agent/lib/secret';
import { lookOver } from '@gitprotect/agent/proof/look-over';
import { adoptDrills } from '@gitprotect/agent/proof/proofs';
import { restoreToFolder } from '@gitprotect/agent/restore/to-folder';
import { openLocalStorage } from '@gitprotect/agent/storage/local';
import { type Keys, sealed } from '@gitprotect/agent/storage/sealed';
import type { Storage } from '@gitprotect/agent/storage/storage';
import { kindsIn } from '../every-kind.ts';
import { objectsIn } from '../objects-in.ts';
import { allRefs, git } from '../repositories/real-git.ts';

const { signal } = new AbortController();
const host = { machine: { PATH: process.env['PATH'] ?? '' }, signal };
const script = join(import.meta.dirname, '../../docs/restore-by-hand.sh');

const Recorded = v.object({
  server: v.string(),
  /** `2/00000012` -> what Bitbucket had then. */
  snapshots: v.record(v.string(), v.object({ refs: v.array(v.string()), labels: v.array(v.unknown()), records: v.number() })),
  /** `2/00000012` -> the SHA-256 of each large file. */
  largeFiles: v.record(v.string(), v.array(v.string())),
  /** A snapshot on hold. */
  held: v.string(),
  /** `2/00000012`: which snapshots were proven by drills, in order. */
  drills: v.array(v.string()),
  /** The kinds of its objects, in order. */
  kinds: v.array(v.string()),
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const versions = readdirSync(import.meta.dirname).filter((name) => /^v\d+$/.test(name));

describe.each(versions)('the frozen storage %s', (version) => {
  const frozen = join(import.meta.dirname, version);
  const recorded = v.parse(Recorded, JSON.parse(readFileSync(join(frozen, 'recorded.json'), 'utf8')));
  const names = Object.entries(recorded.snapshots).map(([name, there]) => ({
    name,
    ...there,
    repoId: Number(name.split('/')[0]),
    id: name.slice(-8),
  }));
  let root: string;
  let storage: Storage;
  let keys: Keys;
  let catalogue: Catalogue;
  const db = openDatabase(':memory:');

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'gitprotect-frozen-'));
    cpSync(join(frozen, 'storage'), join(root, 'storage'), { recursive: true });
    storage = await openLocalStorage(join(root, 'storage'), { create: false });
    const key = (name: string) => new Secret(readFileSync(join(frozen, `${name}-key.txt`), 'utf8').trim());
    keys = { identity: key('recovery'), recipients: [], signing: key('signing') };
    catalogue = new Catalogue({ storage, keys, db });
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const entryOf = ({ repoId, id }: { readonly repoId: number; readonly id: string }) =>
    catalogue.find({ repo: { serverId: recorded.server, repoId }, snapshotId: id });

  test('is read from its recovery key: every snapshot, hold and proof, each object as the signed lists say', async () => {
    const objects = objectsIn(storage.place);
    expect(objects.map((name) => `${sha256(readFileSync(join(storage.place, name)))}  ${name}\n`).join('')).toBe(
      readFileSync(join(frozen, 'objects.sha256'), 'utf8'),
    );
    expect(kindsIn(objects)).toEqual(recorded.kinds);
    expect(await catalogue.rebuild({ signal })).toEqual({ snapshots: names.length, repos: 3, damaged: [] });
    expect(await holdsKnown(db)).toMatchObject([{ snapshotId: recorded.held, reason: 'audit' }]);
    const { signing } = keys;
    if (signing === undefined) throw new Error('there is no key to sign with');
    const ledger = new Ledger({ storage, storageId: 'frozen', db, signingKey: signing });
    const place = { id: 'frozen', plain: storage, sealed: sealed(storage, keys), keys, catalogue, ledger, db };
    expect(await lookOver(place, { clock: systemClock, days: null, signal })).toMatchObject({ problems: [] });
    await adoptDrills(place, [recorded.server], signal);
    const drilled = await db.selectFrom('drills').selectAll().orderBy('repo_id').orderBy('snapshot_id').execute();
    expect(drilled.map(({ repo_id, snapshot_id, proven }) => [`${repo_id}/${snapshot_id}`, proven])).toEqual(
      recorded.drills.map((name) => [name, 1]),
    );
  });

  test('restores every snapshot as Bitbucket had it, with as many records, its labels and its large files', async () => {
    for (const one of names) {
      const entry = await entryOf(one);
      const largeFiles = recorded.largeFiles[one.name] ?? [];
      const folder = join(root, one.name);
      expect(await restoreToFolder({ storage, keys, catalogue, clock: systemClock }, entry, folder, { host })).toMatchObject({
        verified: true,
        differences: [],
        fsck: [],
        records: one.records,
        lfs: { objects: largeFiles.length, missing: [] },
      });
      expect(allRefs(folder)).toEqual(one.refs);
      const { manifest } = await catalogue.manifest(entry, { signal });
      const labels: unknown[] = [];
      for await (const { value } of readMetadata({ storage, keys }, manifest.metadata?.chain ?? [], { signal, kinds: ['labels'] }))
        labels.push(value);
      expect(labels).toEqual([one.labels]);
      for (const oid of largeFiles) {
        const file = join(folder, 'lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid);
        expect(sha256(readFileSync(file))).toBe(oid);
      }
    }
  });

  test('restores by hand, with either key, the newest of each repo and the one on hold, whose bundle was merged away', () => {
    const newest = names.filter(({ repoId, id }) => !names.some((other) => other.repoId === repoId && other.id > id));
    const held = names.filter(({ id }) => id === recorded.held);
    for (const [at, { name, refs, repoId, id }] of [...newest, ...held].entries()) {
      const target = join(root, `by-hand-${name.replace('/', '-')}`);
      const key = join(frozen, at % 2 === 0 ? 'recovery-key.txt' : 'agent-key.txt');
      const args = [script, key, join(frozen, 'storage'), `${recorded.server}/${repoId}`, target, id];
      execFileSync('sh', args, { env: { PATH: process.env['PATH'] ?? '' }, stdio: ['ignore', 'pipe', 'pipe'] });
      expect(allRefs(target)).toEqual(refs);
      git(target, ['fsck', '--connectivity-only', '--no-dangling']);
    }
  });
});
