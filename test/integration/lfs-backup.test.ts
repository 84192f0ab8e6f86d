import { afterEach, beforeEach, expect, test } from 'vitest';
import { addCommits } from '../bitbucket/history.ts';
import { addLfsObject } from '../bitbucket/lfs.ts';
import { alter, cutDownload, lose, ObjectStore, throttleBatch, throttleDownload, vanish } from '../bitbucket/lfs-faults.ts';
import type { Repo, Token } from '../bitbucket/model.ts';
import { MetadataWorld } from './metadata-world.ts';

let stage: MetadataWorld;
let reader: Token;

beforeEach(async () => {
  stage = await MetadataWorld.start();
  reader = stage.world.addReader('ann');
});

afterEach(() => stage[Symbol.asyncDispose]());

const content = (name: string): Buffer => Buffer.from(`large file ${name}\n`.repeat(5000));

/** Commits a pointer to a file that the server has. Returns its oid. */
async function addLarge(name: string, repo: Repo = stage.repo): Promise<string> {
  const oid = addLfsObject(repo, content(name));
  await addCommits(repo, [{ files: { [`${name}.bin`]: pointer(oid, content(name).length) } }]);
  return oid;
}

const pointer = (oid: string, size: number): string => `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
const downloads = (oid = ''): string[] => stage.asked(new RegExp(`/git-lfs/storage/.*${oid}`));
const batches = (): string[] => stage.asked(/\/objects\/batch$/);

/** Oids of the large files in storage. */
async function stored(): Promise<string[]> {
  const { plain } = await stage.world.app.place(new AbortController().signal);
  const names: string[] = [];
  for await (const { name } of plain.list('servers/')) if (name.includes('/lfs/')) names.push(name.slice(-68, -4));
  return names.toSorted();
}

const sound = async () => expect(await stage.state()).toMatchObject({ violations: [], orphans: [] });

test('a second run asks for no large file again, and one that is new costs one download', async () => {
  const first = await addLarge('first');
  const plan = await stage.plan([reader]);
  expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
  expect(await stage.outcome(plan)).toMatchObject({ state: 'unchanged' });
  expect([batches(), downloads()]).toEqual([[], []]);
  const second = await addLarge('second');
  expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', kind: 'incremental', lfsObjects: 1 });
  expect(downloads()).toEqual(downloads(second));
  expect(await stored()).toEqual([first, second].toSorted());
  expect((await stage.newest()).manifest.lfs).toMatchObject({ objects: 2, missing: [] });
  await sound();
});

test('one the server has lost is named, asked for again each time, and had once it is back', async () => {
  const oid = await addLarge('lost');
  lose(stage.repo, oid);
  const plan = await stage.plan([reader]);
  expect(await stage.outcome(plan)).toMatchObject({
    state: 'saved',
    warnings: ['1 large file could not be had: lost.bin (Object does not exist)'],
  });
  expect(await stage.outcome(plan)).toMatchObject({ state: 'unchanged' });
  expect(batches()).toHaveLength(1);
  addLfsObject(stage.repo, content('lost'));
  expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', kind: 'metadata-only', lfsObjects: 1, warnings: [] });
  expect((await stage.newest()).manifest.lfs).toMatchObject({ objects: 1, missing: [] });
  expect(await stored()).toEqual([oid]);
  await sound();
});

test('one that vanished after the batch is named', async () => {
  const oid = await addLarge('vanished');
  vanish(stage.repo, oid);
  expect(await stage.outcome(await stage.plan([reader]))).toMatchObject({
    state: 'saved',
    warnings: [expect.stringContaining('vanished.bin')],
  });
  expect(await stored()).toEqual([]);
  await sound();
});

test('one with other bytes than its name says is asked for once more, named, and nothing of it stored', async () => {
  const [altered, whole] = [await addLarge('altered'), await addLarge('whole')];
  alter(stage.repo, altered);
  expect(await stage.outcome(await stage.plan([reader]))).toMatchObject({
    state: 'saved',
    lfsObjects: 1,
    warnings: [expect.stringMatching(/altered\.bin \(.*other bytes/)],
  });
  expect(downloads(altered)).toHaveLength(2);
  expect(await stored()).toEqual([whole]);
  await sound();
});

test('a download that is cut is begun again', async () => {
  const oid = await addLarge('cut');
  cutDownload(stage.world.bitbucket, oid, { at: 500, times: 1 });
  expect(await stage.outcome(await stage.plan([reader]))).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
  expect(downloads(oid)).toHaveLength(2);
  await sound();
});

test('throttled at the batch and at a download, it moves on to another user', async () => {
  await addLarge('busy');
  const plan = await stage.plan([reader, stage.world.addReader('bob')]);
  throttleBatch(stage.world.bitbucket, { times: 1, retryAfter: 600 });
  const before = stage.world.clock.now();
  expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
  stage.world.clock.move(700_000);
  const again = stage.world.clock.now();
  await addLarge('busier');
  throttleDownload(stage.world.bitbucket, { times: 1, retryAfter: 600 });
  expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
  expect(again - before).toBeLessThan(700_000 + 600_000);
  expect(stage.world.clock.now() - again).toBeLessThan(600_000);
});

test('throttled with one user alone, it waits as long as it is told', async () => {
  await addLarge('busy');
  throttleDownload(stage.world.bitbucket, { times: 1, retryAfter: 30 });
  const before = stage.world.clock.now();
  expect(await stage.outcome(await stage.plan([reader]))).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
  expect(stage.world.clock.now() - before).toBeGreaterThanOrEqual(30_000);
});

test('an object store elsewhere never gets a token', async () => {
  const oid = await addLarge('elsewhere');
  await using store = await ObjectStore.start(stage.repo);
  expect(await stage.outcome(await stage.plan([reader]))).toMatchObject({ state: 'saved', lfsObjects: 1, warnings: [] });
  expect(store.requests.map(({ path }) => path)).toEqual([`/${oid}`]);
  expect(store.leaks(stage.world.bitbucket)).toEqual([]);
  await sound();
});

test('two repos with the same file store it once', async () => {
  const oid = await addLarge('shared');
  const other = stage.world.addRepo('two');
  await addLarge('shared', other);
  const run = await stage.world.run(await stage.plan([reader]));
  expect(run.jobs.map(({ outcome }) => outcome?.state)).toEqual(['saved', 'saved']);
  expect(await stored()).toEqual([oid]);
  for (const slug of ['one', 'two']) expect((await stage.newest(slug)).manifest.lfs).toMatchObject({ objects: 1, missing: [] });
  await sound();
});

test('a pointer that only an old commit has is found', async () => {
  const oid = await addLarge('old');
  await addCommits(stage.repo, [{ files: { 'old.bin': null } }]);
  expect(await stage.outcome(await stage.plan([reader]))).toMatchObject({ state: 'saved', lfsObjects: 1 });
  expect(await stored()).toEqual([oid]);
});

test('where large files come to be backed up later, every bundle of the chain is looked into', async () => {
  const plan = await stage.plan([reader], ['lfs']);
  const first = await addLarge('first');
  await stage.outcome(plan);
  const second = await addLarge('second');
  await stage.outcome(plan);
  expect([await stored(), batches()]).toEqual([[], []]);
  await stage.world.call('plan.edit', { id: plan.id, changes: { leaveOut: [] } });
  expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', kind: 'metadata-only', lfsObjects: 2 });
  expect(await stored()).toEqual([first, second].toSorted());
  await sound();
});

test('a bundle that will be searched by itself needs no older one to be read', async () => {
  await addCommits(stage.repo, [{ files: { 'long.txt': 'line\n'.repeat(20_000) } }]);
  await addLarge('first');
  const plan = await stage.plan([reader]);
  await stage.outcome(plan);
  await addCommits(stage.repo, [{ files: { 'long.txt': `${'line\n'.repeat(20_000)}one more\n` } }]);
  await addLarge('second');
  expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', kind: 'incremental', lfsObjects: 1, warnings: [] });
  expect(await stage.world.restore('one')).toMatchObject({ verified: true, differences: [] });
});

test('a verification reads large files, and names one that is damaged or gone', async () => {
  const [gone, damaged] = [await addLarge('gone'), await addLarge('damaged')];
  lose(stage.repo, await addLarge('missing'));
  await stage.outcome(await stage.plan([reader]));
  const whole = await stage.world.call('backup.verify', { drill: true });
  expect(whole).toMatchObject({ problems: [], drilled: 1 });
  const { plain } = await stage.world.app.place(new AbortController().signal);
  for await (const { name } of plain.list('servers/')) {
    if (name.endsWith(`/${gone}.age`) || name.endsWith(`/${damaged}.age`)) await plain.remove(name);
    if (name.endsWith(`/${damaged}.age`)) await plain.put(name, rubbish(), { signal: new AbortController().signal });
  }
  const { problems, objects } = await stage.world.call('backup.verify', {});
  expect(problems.map(({ message }) => message).toSorted()).toEqual([gone, damaged].toSorted().map((oid) => expect.stringContaining(oid)));
  expect(objects).toBe(whole.objects - 2);
});

async function* rubbish(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('rubbish');
}
