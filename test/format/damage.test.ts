import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '@gitprotect/agent/catalogue/snapshot-row';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { restoreToFolder } from '@gitprotect/agent/restore/to-folder';
import { manifestName } from '@gitprotect/agent/storage/layout';
import { sealed } from '@gitprotect/agent/storage/sealed';
import { flip } from '../flip.ts';
import { line } from '../repositories/fixtures.ts';
import { emptyRepository, fastImport, git } from '../repositories/real-git.ts';
import { backUp, host, newBackups, signal, type Backups } from './backup.ts';

let backups: Backups;
let first: Entry;
let second: Entry;
let objects: string[];
const copies = new Map<string, Buffer>();

beforeAll(async () => {
  backups = await newBackups();
  const source = join(backups.root, 'source.git');
  emptyRepository(source);
  await fastImport(source, line('refs/heads/main', 1, 20));
  first = await backUp(backups, source, 1);
  await fastImport(source, line('refs/heads/main', 1, 5, 'refs/heads/main^0'));
  second = await backUp(backups, source, 1);
  const { manifest } = await backups.catalogue.manifest(second, { signal });
  objects = manifest.chain.map(({ object }) => object);
  for (const name of objects) copies.set(name, readFileSync(join(backups.storage.place, name)));
});
afterAll(() => rmSync(backups.root, { recursive: true, force: true }));

let count = 0;
const restore = async (entry: Entry, more: object = {}) => {
  count += 1;
  return restoreToFolder({ ...backups, clock: systemClock }, entry, join(backups.root, `restored-${count}`), { host, ...more });
};

/** Does something to an object of the chain, expects what follows, and puts the object back. */
async function whileDamaged(name: string, damage: (file: string) => void, expectation: () => Promise<void>): Promise<void> {
  const file = join(backups.storage.place, name);
  damage(file);
  try {
    await expectation();
  } finally {
    writeFileSync(file, copies.get(name) ?? '');
  }
  expect(readdirSync(backups.root).filter((entry) => entry.includes('.restoring-') || entry === `restored-${count}`)).toEqual([]);
}

describe('restoring a snapshot', () => {
  test('reports its progress up to the last sealed byte', async () => {
    const seen: [number, number][] = [];
    await restore(second, { onProgress: (bytes: number, of: number) => seen.push([bytes, of]) });
    const total = second.snapshot.chainBytes;
    expect(seen.at(-1)).toEqual([total, total]);
    expect(seen.every(([bytes], index) => bytes > (seen[index - 1]?.[0] ?? 0))).toBe(true);
  });

  test('makes a repo that anybody can clone, with nothing in it but git’s own', async () => {
    const { folder } = await restore(second);
    const config = readFileSync(join(folder, 'config'), 'utf8');
    expect(config.split('\n').filter((text) => text.startsWith('['))).toEqual(['[core]']);
    expect(readdirSync(folder).toSorted()).toEqual(['HEAD', 'config', 'objects', 'packed-refs', 'refs']);
    git(backups.root, ['clone', '--quiet', folder, 'clone']);
    expect(readFileSync(join(backups.root, 'clone', 'README.md'), 'utf8')).toBe('line 5\n');
  });

  test('of which a bundle is damaged names the bundle and the snapshot that does without it', async () => {
    const [, name = ''] = objects;
    for (const damage of [flip, (file: string) => truncateSync(file, 300), (file: string) => rmSync(file)]) {
      await whileDamaged(name, damage, async () => {
        await expect(restore(second)).rejects.toMatchObject({
          code: 'backup-damaged',
          message: expect.stringMatching(
            new RegExp(`^snapshot 00000002 of ORCH/repo-1 .*${name}.*; snapshot 00000001 of .* does without it$`),
          ),
          remedy: expect.stringContaining('restore snapshot 00000001'),
          facts: { object: name },
        });
        expect((await restore(first)).verified).toBe(true);
        rmSync(join(backups.root, `restored-${count}`), { recursive: true });
      });
    }
  });

  test('whose base is damaged says that no other snapshot does without it', async () => {
    await whileDamaged(objects[0] ?? '', flip, async () => {
      await expect(restore(second)).rejects.toThrow('no other snapshot does without it');
    });
  });

  test('finds a bundle swapped for another that was sealed just as well', async () => {
    const [base = '', name = ''] = objects;
    await whileDamaged(
      name,
      (file) => writeFileSync(file, copies.get(base) ?? ''),
      async () => {
        await expect(restore(second)).rejects.toMatchObject({ code: 'backup-damaged', facts: { object: name } });
      },
    );
    // Even the same bundle sealed once more: who can do that could have put in anything.
    const { storage, keys } = backups;
    const again = await sealed(storage, keys).get(name, { signal });
    await sealed(storage, keys).put('again.age', again, { signal });
    const resealed = readFileSync(join(storage.place, 'again.age'));
    expect(resealed.length).toBe(copies.get(name)?.length);
    await whileDamaged(
      name,
      (file) => writeFileSync(file, resealed),
      async () => {
        await expect(restore(second)).rejects.toMatchObject({ code: 'backup-damaged', facts: { object: name } });
      },
    );
  });

  test('whose record is gone says so and names it', async () => {
    const name = manifestName({ serverId: 'srv', repoId: 1 }, '00000002');
    copies.set(name, readFileSync(join(backups.storage.place, name)));
    await whileDamaged(
      name,
      (file) => rmSync(file),
      async () => {
        await expect(restore(second)).rejects.toMatchObject({ code: 'backup-damaged', facts: { object: name } });
      },
    );
  });

  test('stops when it is aborted and leaves no folder', async () => {
    const cut = new AbortController();
    const options = { host: { ...host, signal: cut.signal }, onProgress: () => cut.abort(new Error('enough')) };
    await expect(restore(second, options)).rejects.toThrow('enough');
    expect(existsSync(join(backups.root, `restored-${count}`))).toBe(false);
    expect(readdirSync(backups.root).filter((name) => name.includes('.restoring-'))).toEqual([]);
  });
});
