import { join } from 'node:path';
import { metadataKinds } from '@gitprotect/shared/metadata';
import type { Plan } from '@gitprotect/shared/plan';
import { streamOf } from '@gitprotect/agent/storage/bytes';
import { kindOf, lfsName, type ObjectKind, storageFile } from '@gitprotect/agent/storage/layout';
import { addLfsObject } from './bitbucket/lfs.ts';
import { lfsPointer } from './bitbucket/lfs-pointer.ts';
import type { Repo } from './bitbucket/model.ts';
import { MetadataWorld } from './integration/metadata-world.ts';
import { movingClock } from './moving-clock.ts';
import { noise } from './noise.ts';
import { objectsIn } from './objects-in.ts';
import { commit } from './repositories/history.ts';
import { emptyRepository, fastImport } from './repositories/real-git.ts';

const day = 86_400_000;
const kept: ReadonlySet<string> = new Set(['labels', 'details', 'lfs']);
const main = 'refs/heads/main';

/** Every kind of object there is: one that comes new does not compile before it is here, and then `everyKind` asks for it. */
const kinds: Readonly<Record<Exclude<ObjectKind['kind'], 'other'>, true>> = {
  manifest: true,
  bundle: true,
  metadata: true,
  hold: true,
  lean: true,
  merge: true,
  mark: true,
  void: true,
  project: true,
  lfs: true,
  run: true,
  drill: true,
  list: true,
  signature: true,
};

/** The kinds of which there are objects, in order. */
export const kindsIn = (names: readonly string[]): string[] => [...new Set(names.map(kindWord))].toSorted();

/** The kind of an object, as a word. */
export const kindWord = (name: string): string => (name === storageFile ? name : kindOf(name).kind);

/** A Bitbucket and a storage of it in which every kind of object lies: a long chain that was merged, a fork that leans, large files, holds, marks, one of them void. */
export interface EveryKind {
  readonly stage: MetadataWorld;
  readonly plan: Plan;
  readonly parent: Repo;
  readonly fork: Repo;
}

/** @param originBytes of the repo that the fork leans on */
export async function everyKind({ originBytes = 1_100_000 } = {}): Promise<EveryKind> {
  const stage = await MetadataWorld.start({ clock: movingClock() });
  const { world, repo } = stage;
  const origin = join(world.root, 'parent.git');
  emptyRepository(origin);
  await fastImport(origin, [commit({ ref: main, mark: 1, files: { 'one.bin': noise('one', originBytes) } })]);
  const parent = world.addRepo('parent', origin);
  const fork = await world.addFork('fork', parent);
  await fastImport(fork.folder, [commit({ ref: main, mark: 2, parents: [`${main}^0`], files: { 'fork.txt': 'of its own\n' } })]);

  const push = (files: Record<string, string>) => fastImport(repo.folder, [commit({ ref: main, mark: 1, parents: [`${main}^0`], files })]);
  const large = (text: string): string => {
    const content = Buffer.from(text.repeat(200));
    return lfsPointer(addLfsObject(repo, content), content.length);
  };
  await push({ 'large.bin': large('a large file\n') });
  // As an agent's first start does: what is backed up is sealed to it too.
  await world.call('recovery-key.print', {});
  const plan = await world.plan([stage.addAdmin('ann')], { leaveOut: metadataKinds.filter((kind) => !kept.has(kind)), keep: { last: 4 } });
  const run = async (): Promise<void> => {
    world.clock.move(day);
    const { state, jobs } = await world.run(plan);
    if (state !== 'succeeded') throw new Error(`the run is ${state}: ${JSON.stringify(jobs.map(({ outcome }) => outcome))}`);
  };
  for (let at = 0; at < 10; at += 1) {
    await push({ [`${at}.txt`]: `${at}\n` });
    repo.settings.set('labels', [{ name: `label-${at}` }]);
    await run();
  }
  const named = { projectKey: world.project.key, slug: 'one' };
  await world.call('snapshot.hold', { repo: named, snapshotId: '00000002', reason: 'audit' });
  await world.call('snapshot.hold', { repo: named, snapshotId: '00000003', reason: 'by mistake' });
  await world.call('snapshot.release', { repo: named, snapshotId: '00000003', reason: '' });
  // A large file that a run left behind which was killed: it is marked, and then needed.
  const left = Buffer.from('left behind\n'.repeat(200));
  const place = await world.app.place(new AbortController().signal);
  const [server] = await world.call('server.list', {});
  const oid = addLfsObject(repo, left);
  await place.sealed.put(lfsName(server?.id ?? '', oid), streamOf(left), { signal: new AbortController().signal });
  await world.app.upkeep.run();
  await push({ 'left.bin': lfsPointer(oid, left.length) });
  await run();
  await world.app.upkeep.run();
  const there = new Set(kindsIn(objectsIn(world.storageFolder)));
  const missing = [...Object.keys(kinds), storageFile].filter((kind) => !there.has(kind));
  if (missing.length > 0) throw new Error(`there is no ${missing.join(', ')} in the storage`);
  return { stage, plan, parent, fork };
}
