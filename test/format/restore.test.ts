import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '@gitprotect/agent/catalogue/snapshot-row';
import { readRefs, writeRefs } from '@gitprotect/agent/git/rebuild';
import { systemClock } from '@gitprotect/agent/lib/clock';
import { restoreToFolder } from '@gitprotect/agent/restore/to-folder';
import { repositoryFixtures } from '../repositories/fixtures.ts';
import { allRefs, git } from '../repositories/real-git.ts';
import { backUp, host, newBackups, type Backups } from './backup.ts';

const script = join(import.meta.dirname, '../../docs/restore-by-hand.sh');
let backups: Backups;

beforeAll(async () => {
  backups = await newBackups();
});
afterAll(() => rmSync(backups.root, { recursive: true, force: true }));

/** Nothing of this agent's is on the way: sh, age, zstd, git. */
function byHand(...args: string[]): string {
  return execFileSync('sh', [script, ...args], { env: { PATH: process.env['PATH'] ?? '' }, stdio: ['ignore', 'pipe', 'pipe'] }).toString();
}

describe.each(repositoryFixtures.map((fixture, index) => ({ fixture, index: index + 1 })))(
  'a backup of $fixture.name',
  ({ fixture, index }) => {
    const states: { entry: Entry; refs: string[] }[] = [];

    beforeAll(async () => {
      const source = join(backups.root, `${index}.git`);
      const take = async (): Promise<void> => {
        states.push({ entry: await backUp(backups, source, index), refs: allRefs(source) });
      };
      await fixture.create(source);
      await take();
      await fixture.change?.(source);
      await take();
      // Once more the same: a snapshot that adds no object.
      await take();
    });

    test('is restored by hand, every snapshot, with every ref', () => {
      for (const [at, { entry, refs }] of states.entries()) {
        const target = join(backups.root, `by-hand-${index}-${at}.git`);
        byHand(at % 2 === 0 ? backups.agentKey : backups.recoveryKey, backups.storage.place, `srv/${index}`, target, entry.snapshot.id);
        expect(allRefs(target)).toEqual(refs);
        git(target, ['fsck', '--connectivity-only', '--no-dangling']);
      }
    });

    test('is restored into a folder, every snapshot, and says that it is', async () => {
      for (const [at, { entry, refs }] of states.entries()) {
        const target = join(backups.root, `restored-${index}-${at}.git`);
        const report = await restoreToFolder({ ...backups, clock: systemClock }, entry, target, { host });
        expect(report).toMatchObject({ folder: target, differences: [], verified: true, bytes: entry.snapshot.chainBytes });
        expect(allRefs(target)).toEqual(refs);
      }
    });
  },
);

describe('restoring by hand', () => {
  test('lists what there is', async () => {
    expect(byHand(backups.agentKey, backups.storage.place)).toContain('srv/1  ORCH/repo-1  snapshot 00000003 of 2023-11-');
  });

  test('restores the last snapshot when none is named', () => {
    const target = join(backups.root, 'last.git');
    expect(byHand(backups.agentKey, backups.storage.place, 'srv/1', target)).toContain('snapshot 00000003 of srv/1:');
  });

  test('misses nothing where git only finds a branch odd', async () => {
    const source = join(backups.root, 'odd.git');
    await repositoryFixtures[0]?.create(source);
    const { refs, head } = await readRefs(source, host);
    const oid = git(source, ['hash-object', '-w', '--stdin'], 'a file');
    await writeRefs(source, new Map([...refs, ['refs/heads/file', { oid }]]), head);
    await backUp(backups, source, 901);
    const args = [script, backups.agentKey, backups.storage.place, 'srv/901', join(backups.root, 'odd-restored.git')];
    const { status, stderr } = spawnSync('sh', args, { env: { PATH: process.env['PATH'] ?? '' }, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stderr).toContain('refs/heads/file');
    expect(stderr).not.toContain('missing');
  });

  test('leaves nothing behind when a bundle is damaged, and names it', async () => {
    const source = join(backups.root, 'damaged.git');
    await repositoryFixtures[0]?.create(source);
    const entry = await backUp(backups, source, 900);
    const { manifest } = await backups.catalogue.manifest(entry, host);
    const [link] = manifest.chain;
    await backups.storage.remove(link?.object ?? '');
    const target = join(backups.root, 'damaged-restored.git');
    expect(() => byHand(backups.agentKey, backups.storage.place, 'srv/900', target)).toThrow(`${link?.object} is missing`);
    expect(readdirSync(backups.root).filter((name) => name.startsWith('damaged-restored'))).toEqual([]);
  });
});
