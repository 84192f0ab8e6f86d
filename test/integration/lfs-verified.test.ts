import { AppError } from '@gitprotect/shared/errors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lfsPointer } from '../bitbucket/lfs-pointer.ts';
import { addCommits } from '../bitbucket/history.ts';
import { addLfsObject } from '../bitbucket/lfs.ts';
import { lose } from '../bitbucket/lfs-faults.ts';
import type { Repo, Token } from '../bitbucket/model.ts';
import { faulty } from '../format/faulty.ts';
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
  await addCommits(repo, [{ files: { [`${name}.bin`]: lfsPointer(oid, content(name).length) } }]);
  return oid;
}

const batches = (): string[] => stage.asked(/\/objects\/batch$/);

/** Oids of the large files in storage. */
async function stored(): Promise<string[]> {
  const { plain } = await stage.world.app.place(new AbortController().signal);
  const names: string[] = [];
  for await (const { name } of plain.list('servers/')) if (name.includes('/lfs/')) names.push(name.slice(-68, -4));
  return names.toSorted();
}

const sound = async () => expect(await stage.state()).toMatchObject({ violations: [], orphans: [] });

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

test('one that was stored by a run which then committed nothing is in the signed list of the run that comes to need it', async () => {
  const { world } = stage;
  const oid = await addLarge('in-vain');
  const plan = await stage.plan([reader]);
  const onStep = (step: string): void => {
    if (step === 'put manifest in storage') throw new AppError('storage-full', 'there is no room left');
  };
  await world.restart({ decorateStorage: (storage) => faulty(storage, { steps: 0, dieAt: Infinity, onStep }) });
  expect((await world.run(plan)).jobs[0]?.outcome).toMatchObject({ state: 'failed' });
  expect(await stored()).toEqual([oid]);
  await world.restart({ decorateStorage: (storage) => storage });
  expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', lfsObjects: 0 });
  const { signal } = new AbortController();
  const { ledger } = await world.app.place(signal);
  const listed = await ledger.standing((await stage.newest()).manifest.server.id, signal);
  expect([...listed.keys()].filter((name) => name.includes(oid))).toHaveLength(1);
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
  const { problems } = await stage.world.call('backup.verify', {});
  expect(problems.map(({ message }) => message).toSorted()).toEqual([gone, damaged].toSorted().map((oid) => expect.stringContaining(oid)));
});

async function* rubbish(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('rubbish');
}
