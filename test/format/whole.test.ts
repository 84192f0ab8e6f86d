import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '@gitprotect/shared/errors';
import type { Lost } from '@gitprotect/agent/catalogue/manifest';
import type { ResolvedManifest } from '@gitprotect/agent/catalogue/next-manifest';
import { bundleStream } from '@gitprotect/agent/git/bundle';
import type { GitHost } from '@gitprotect/agent/git/run-git';
import { rebuildSnapshot } from '@gitprotect/agent/restore/rebuild';
import { streamOf } from '@gitprotect/agent/storage/bytes';
import { newBundleName } from '@gitprotect/agent/storage/layout';
import { sealed } from '@gitprotect/agent/storage/sealed';
import { line } from '../repositories/fixtures.ts';
import { emptyRepository, fastImport, git, gitEnvironment } from '../repositories/real-git.ts';
import { backUp, host, newBackups, signal, type Backups } from './backup.ts';

const repo = { serverId: 'srv', repoId: 1 };
const main = 'refs/heads/main';
let backups: Backups;
let source: string;
let resolved: ResolvedManifest;
let made = 0;

beforeAll(async () => {
  backups = await newBackups();
  source = join(backups.root, 'source.git');
  emptyRepository(source);
  await fastImport(source, line(main, 1, 6));
  resolved = await backups.catalogue.manifest(await backUp(backups, source, repo.repoId), { signal });
});
afterAll(() => rmSync(backups.root, { recursive: true, force: true }));

const named = (spec: string): string => git(source, ['rev-parse', spec]);
const objects = (...revisions: string[]): string[] =>
  git(source, ['rev-list', '--objects', ...revisions])
    .split('\n')
    .map((text) => text.slice(0, 40));

/** Rebuilds the snapshot from bundles of just these objects, one bundle for each list, and with what else its manifest is to say. */
async function rebuilt(
  lists: readonly (readonly string[])[],
  says: Partial<ResolvedManifest['manifest']> = {},
  { on = host, refs = resolved.refs }: { readonly on?: GitHost; readonly refs?: ResolvedManifest['refs'] } = {},
) {
  const chain = [];
  for (const oids of lists) {
    const pack = execFileSync('git', ['pack-objects', '--stdout', '-q'], {
      cwd: source,
      env: gitEnvironment,
      input: `${oids.join('\n')}\n`,
    });
    const header = { objectFormat: 'sha1', prerequisites: [], refs: [] } as const;
    const object = newBundleName(repo, '00000002');
    const stored = await sealed(backups.storage, backups.keys).put(object, bundleStream(header, streamOf(pack)), { signal });
    const counts = { packBytes: pack.length, packObjects: oids.length, prerequisites: 0, refsCount: 0 };
    chain.push({ object, kind: 'full' as const, ...stored, ...counts });
  }
  const dir = join(backups.root, `rebuilt-${(made += 1)}.git`);
  mkdirSync(dir);
  const snapshot = { ...resolved, refs, manifest: { ...resolved.manifest, ...says, chain } };
  const outcome = await rebuildSnapshot(dir, snapshot, backups, { host: on });
  return { dir, ...outcome, readings: outcome.bytes / chain.reduce((sum, { bytes }) => sum + bytes, 0) };
}

test('a chain whose objects are all there is proven as it is read, once', async () => {
  const [first, then] = [objects(`${main}~3`), objects(main, `^${main}~3`)];
  expect(await rebuilt([[...first, ...then]])).toMatchObject({ verified: true, fsck: [], differences: [], readings: 1 });
  expect(await rebuilt([first, then])).toMatchObject({ verified: true, fsck: [], differences: [], readings: 1 });
});

test.each([
  ['a commit', `${main}~2`],
  ['a folder', `${main}~2:src`],
  ['a file', `${main}~2:README.md`],
])('%s that is in no bundle is missed, and named by git', async (_what, spec) => {
  const lost = named(spec);
  const { verified, fsck } = await rebuilt([objects(main).filter((oid) => oid !== lost)]);
  expect(verified).toBe(false);
  expect(fsck.join('\n')).toContain(lost);
});

test('the tip of a branch that is in no bundle is missed', async () => {
  const { verified, differences, fsck } = await rebuilt([objects(`${main}~1`)]);
  expect(verified).toBe(false);
  expect([...differences, ...fsck].join('\n')).toContain(named(main));
});

test('what is missing and no ref needs is no fault', async () => {
  const aside = git(source, [
    'commit-tree',
    '-m',
    'aside',
    '-p',
    main,
    git(source, ['mktree'], `100644 blob ${named(`${main}:README.md`)}\tx\n`),
  ]);
  expect(await rebuilt([[...objects(main), aside]])).toMatchObject({ verified: true, fsck: [], differences: [] });
});

test('a history that the server has cut off is whole up to there', async () => {
  const cut = named(`${main}~2`);
  const kept = objects(main, `^${main}~3`).concat(objects(`${main}~2^{tree}`));
  const { dir, ...outcome } = await rebuilt([[...new Set(kept)]], { shallow: [cut] });
  expect(outcome).toMatchObject({ verified: true, fsck: [], readings: 1 });
  expect(git(dir, ['rev-list', '--count', main])).toBe('3');
});

const realGit = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

/** A machine whose git does this, a piece of shell, when it is to run that command. */
function machineThat(does: string, command: string): GitHost {
  const folder = mkdtempSync(join(backups.root, 'bin-'));
  const script = `#!/bin/sh\nif [ "$1" = ${command} ]; then\n${does}\nfi\nexec '${realGit}' "$@"\n`;
  writeFileSync(join(folder, 'git'), script, { mode: 0o755 });
  return { machine: { PATH: folder }, signal };
}

test('the same object in several bundles comes back, as a server may send it again', async () => {
  const all = objects(main);
  const again = [named(`${main}:README.md`), named(`${main}~1:README.md`)];
  const counted = join(backups.root, 'index-packs');
  const on = machineThat(`echo >>'${counted}'`, 'index-pack');
  const { dir, ...outcome } = await rebuilt([all, again, again, again, again], {}, { on });
  expect(outcome).toMatchObject({ verified: true, fsck: [], readings: 1 });
  // All at once, and once more, as git refuses what comes twice when it is to look at links: not each bundle by itself.
  expect(readFileSync(counted, 'utf8')).toHaveLength(2);
  expect(git(dir, ['fsck', '--full', '--strict'])).toBe('');
});

/** Another repo's snapshot. */
const leansOn = { repoId: 2, id: '00000001', sha256: '0'.repeat(64) };

/** Something that the server had lost, so that git is asked what is missing. */
const lostBefore: Lost = { oid: '1'.repeat(40), kind: 'object', name: null };

describe.each([
  ['as it is read', []],
  ['once more, since something is lost', [lostBefore]],
])('what git finds odd in refs, in a repo that is looked through %s,', (_how, lost) => {
  const odd = () =>
    new Map([...resolved.refs, ['refs/heads/file', { oid: named(`${main}:README.md`) }], ['refs/tags/v1', { oid: named(main) }]]);

  test('is no fault: they are as the server has them', async () => {
    const head = { symbolic: 'refs/tags/v1', oid: named(main) };
    expect(await rebuilt([objects(main)], { lost, head }, { refs: odd() })).toMatchObject({ verified: true, differences: [] });
  });

  test('hides nothing that is missing', async () => {
    const without = named(`${main}~2:README.md`);
    const { verified, fsck } = await rebuilt([objects(main).filter((oid) => oid !== without)], { lost }, { refs: odd() });
    expect(verified).toBe(false);
    expect(fsck.join('\n')).toContain(without);
  });
});

describe('a fork that leans on another repo', () => {
  const inside = (dir: string): string[] => git(dir, ['cat-file', '--batch-all-objects', '--batch-check=%(objectname)']).split('\n');
  const others = (): string => git(source, ['hash-object', '-w', '--stdin'], 'for nobody but them');

  test('comes back with what its own refs reach, and nothing else', async () => {
    const { dir, ...outcome } = await rebuilt([[...objects(main), others()]], { leansOn });
    expect(outcome).toMatchObject({ verified: true, differences: [], fsck: [] });
    expect(inside(dir).toSorted()).toEqual(objects(main).toSorted());
  });

  test('keeps what git would show something else in the place of', async () => {
    const refs = new Map([...resolved.refs, [`refs/replace/${named(`${main}~2`)}`, { oid: named(`${main}~4`) }]]);
    const { dir, ...outcome } = await rebuilt([objects(main)], { leansOn }, { refs });
    expect(outcome).toMatchObject({ verified: true, differences: [], fsck: [] });
    expect(inside(dir).toSorted()).toEqual(objects(main).toSorted());
  });

  test('and lacks a commit is damaged, by no bundle in particular, and shows nothing of the other', async () => {
    const [lost, other] = [named(`${main}~2`), others()];
    const told = await rebuilt([[...objects(main).filter((oid) => oid !== lost), other]], { leansOn }).then(
      ({ dir, verified }) => `verified: ${verified}, the other’s object is there: ${inside(dir).includes(other)}`,
      (error: unknown) => (error instanceof AppError ? `${error.code}, object ${String(error.facts['object'])}` : String(error)),
    );
    // Since 2.44 git passes over a commit that is missing here, and tells of it afterwards.
    expect(['backup-damaged, object undefined', 'verified: false, the other’s object is there: false']).toContain(told);
  });
});

describe('a git that', () => {
  test.each([
    ['lists refs', 'show-ref', {}],
    ['looks for what is missing', 'fsck', { lost: [lostBefore] }],
    ['drops what a fork leans on', 'pack-objects', { leansOn }],
  ])('is killed while it %s says nothing of the backup', async (_what, command, says) => {
    const on = machineThat('kill -KILL $$', command);
    const lost = named(`${main}~2:README.md`);
    const there = objects(main).filter((oid) => oid !== lost);
    await expect(rebuilt([there], { lost: [{ ...lostBefore, oid: lost }], ...says }, { on })).rejects.toMatchObject({ code: 'git-failed' });
  });
});
