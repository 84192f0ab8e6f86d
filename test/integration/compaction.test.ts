import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompactPlan, CompactReport } from '@gitprotect/shared/compact';
import { metadataKinds } from '@gitprotect/shared/metadata';
import type { Plan } from '@gitprotect/shared/plan';
import { connectToAgent } from '@gitprotect/agent/cli/connect';
import { readMetadata } from '@gitprotect/agent/catalogue/metadata-object';
import { agentProcess } from '../agent-process.ts';
import { runChild } from '../crash/run-child.ts';
import { movingClock } from '../moving-clock.ts';
import { commit, reset } from '../repositories/history.ts';
import { allRefs, fastImport, git } from '../repositories/real-git.ts';
import { MetadataWorld, signal } from './metadata-world.ts';

const day = 86_400_000;
const main = 'refs/heads/main';
const script = join(import.meta.dirname, '../../docs/restore-by-hand.sh');

let stage: MetadataWorld;
let plan: Plan;
/** Snapshot -> refs and the value of its labels when it was taken. */
const states = new Map<string, { readonly refs: string[]; readonly labels: unknown }>();

/** A day in the repo's life: a commit that sometimes takes an earlier change back, a label; now and then history is rewritten, or a branch comes and goes. */
async function live(): Promise<void> {
  const { world, repo } = stage;
  const at = states.size;
  world.clock.move(day);
  const text = Array.from({ length: 300 }, (_, line) => `line ${line === at % 3 ? 'changed' : line}\n`).join('');
  const parents = [at % 5 === 4 ? `${main}~1` : `${main}^0`];
  const branch = at % 4 === 1 ? [reset(`refs/heads/topic-${at}`, 1)] : [];
  await fastImport(repo.folder, [
    commit({ ref: main, mark: 1, parents, files: { 'long.txt': text, [`${at}.txt`]: `${at}\n` } }),
    ...branch,
  ]);
  if (at % 4 === 3) git(repo.folder, ['update-ref', '-d', `refs/heads/topic-${at - 2}`]);
  const labels = [{ name: `label-${at}` }];
  repo.settings.set('labels', labels);
  const { state } = await world.run(plan);
  if (state !== 'succeeded') throw new Error(`the run is ${state}`);
  const [newest] = await world.call('snapshot.list', { slug: 'one', limit: 1 });
  states.set(newest?.id ?? '', { refs: allRefs(repo.folder), labels });
}

async function read(snapshotId: string) {
  const { catalogue, plain, keys } = await stage.world.app.place(signal);
  const [newest] = await stage.world.call('snapshot.list', { slug: 'one', limit: 1 });
  if (newest === undefined) throw new Error('there is no snapshot');
  const { manifest } = await catalogue.manifest(await catalogue.find({ repo: newest, snapshotId }), { signal });
  const labels: unknown[] = [];
  const chain = manifest.metadata?.chain ?? [];
  for await (const { value } of readMetadata({ storage: plain, keys }, chain, { signal, kinds: ['labels'] })) labels.push(value);
  return { bundles: manifest.chain.length, metadata: chain.length, labels };
}

/** Every snapshot there is, its records, and those of `restored`, bit for bit. */
async function provesHarmless(restored: readonly string[]): Promise<void> {
  const { world } = stage;
  for (const [id, { labels }] of states) {
    const found = await read(id);
    expect(found.labels).toEqual([labels]);
    expect(Math.max(found.bundles, found.metadata)).toBeLessThanOrEqual(12);
  }
  for (const id of restored) {
    const report = await world.restore('one', id);
    expect(report).toMatchObject({ verified: true, differences: [] });
    expect(allRefs(report.folder)).toEqual(states.get(id)?.refs);
  }
}

const ids = (): string[] => [...states.keys()];
const agent = () => agentProcess(stage.world.root);

beforeAll(async () => {
  stage = await MetadataWorld.start({ clock: movingClock(Date.now() - 40 * day) });
  plan = await stage.plan(
    [stage.addAdmin('ann')],
    metadataKinds.filter((kind) => kind !== 'labels'),
  );
  for (let at = 0; at < 10; at += 1) await live();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe('an agent that is killed while it compacts', () => {
  /** Compacts in a process that dies at a step. Resolves with the steps it took when it came to its end, with null when it was killed. */
  const compactAndDieAt = async (step: number): Promise<number | null> => {
    const steps = await runChild('compact-child', [stage.world.root, step, stage.world.clock.now()]);
    return steps === null ? null : Number(steps);
  };

  test('leaves every snapshot as it was, and the next one completes it', async () => {
    const { world } = stage;
    await world.stop();
    const start = `${world.root}.start`;
    cpSync(world.root, start, { recursive: true });
    const back = (): void => {
      for (const name of readdirSync(world.root)) rmSync(join(world.root, name), { recursive: true });
      cpSync(start, world.root, { recursive: true });
    };
    const steps = await compactAndDieAt(1e9);
    if (steps === null) throw new Error('nobody killed it');
    // `COMPACT_STEPS=all` tries each; else one while it writes, and one when the last record is there and nobody has heard of it.
    const all = Array.from({ length: steps }, (_, at) => at + 1);
    const tried = process.env['COMPACT_STEPS'] === 'all' ? all : [Math.ceil(0.4 * steps), Math.ceil(0.9 * steps)];
    for (const step of tried) {
      back();
      expect(await compactAndDieAt(step)).toBeNull();
      await world.restart();
      expect((await stage.state()).violations).toEqual([]);
      expect((await world.call('compact.run', {})).failed).toEqual([]);
      await provesHarmless(ids().slice(4, 5));
      expect((await stage.state()).violations).toEqual([]);
      await world.stop();
    }
    back();
    rmSync(start, { recursive: true });
    await world.restart();
  }, 600_000);
});

describe('compaction', () => {
  test('by hand says what it would do, does it, and every snapshot in between still restores', async () => {
    await stage.world.stop();
    const planned = (await agent().json(['compact', '--dry-run'])) as CompactPlan;
    expect(planned.repos).toMatchObject([{ projectKey: 'PROOF', slug: 'one', bundles: { before: 10 }, metadata: { before: 10 } }]);
    const { stdout } = await agent().run(['compact', 'PROOF/one', '--dry-run']);
    expect(stdout).toMatch(/PROOF\/one +10 → \d +10 → \d/);
    const report = (await agent().json(['compact'])) as CompactReport;
    expect(report).toMatchObject({ looked: 1, repos: [{ slug: 'one' }], failed: [] });
    expect((await agent().run(['compact'])).stdout).toBe('all chains are short\n');
    await stage.world.restart();
    const newest = await read(ids().at(-1) ?? '');
    expect(newest).toMatchObject({ bundles: planned.repos[0]?.bundles.after, metadata: planned.repos[0]?.metadata.after });
    await provesHarmless([6].map((at) => ids()[at] ?? ''));
  });

  test('comes by itself in a running agent, after a run; what was merged away is removed after its time of grace', async () => {
    for (let at = 0; at < 7; at += 1) await live();
    const { world } = stage;
    await world.stop();
    {
      await using _ = await agent().serve();
      expect((await agent().run(['run', 'All of it', '--wait'])).exitCode).toBe(0);
      // Its own upkeep may be on its way yet: asked for once more, it is waited for.
      await using connection = await connectToAgent({ home: world.root, signal });
      const upkeep = await connection.call('upkeep.run', {});
      expect(upkeep.map(({ step, state }) => `${step} ${state}`)).toEqual([
        'compact done',
        'prune done',
        'verify done',
        'drill done',
        'copy done',
      ]);
    }
    await world.restart();
    const before = await stage.state();
    expect(before.violations).toEqual([]);
    expect(before.orphans.length).toBeGreaterThan(10);
    world.clock.move(Date.now() + 8 * day - world.clock.now());
    await world.app.upkeep.run();
    const after = await stage.state();
    expect(after).toMatchObject({ violations: [], orphans: [] });
    expect(await world.app.upkeepResults.list()).toMatchObject(Array.from({ length: 5 }, () => ({ state: 'done' })));
    expect((await world.call('backup.verify', { drill: true })).problems).toEqual([]);
    await world.app.db.deleteFrom('snapshots').execute();
    expect((await world.call('catalogue.rebuild', {})).damaged).toEqual([]);
    await provesHarmless([12].map((at) => ids()[at] ?? ''));
  });

  test('is no cure for waste: a chain of which refs reach little gives way to a full backup, which is proven at once', async () => {
    const { world, repo } = stage;
    const noise = randomBytes(2_000_000);
    await fastImport(repo.folder, [commit({ ref: 'refs/heads/noise', mark: 1, files: { 'noise.bin': noise } })]);
    await live();
    git(repo.folder, ['update-ref', '-d', 'refs/heads/noise']);
    await live();
    world.clock.move(7 * day);
    await world.app.upkeep.run();
    await live();
    const [newest] = await world.call('snapshot.list', { slug: 'one' });
    expect(newest).toMatchObject({ kind: 'full', chainLength: 1 });
    await world.app.upkeep.run();
    expect((await world.call('snapshot.list', { slug: 'one' }))[0]?.proof).toMatchObject({ proven: true });
    await provesHarmless(ids().slice(-1));
  });

  test('leaves chains that stock tools restore', async () => {
    const { world } = stage;
    const keys = await world.keys();
    const identity = join(world.root, 'identity.txt');
    writeFileSync(identity, keys.identity.reveal(), { mode: 0o600 });
    const [server = ''] = readdirSync(join(world.storageFolder, 'servers'));
    const id = ids()[9] ?? '';
    const target = join(world.root, 'by-hand.git');
    execFileSync('sh', [script, identity, world.storageFolder, `${server}/${stage.repo.id}`, target, id], {
      env: { PATH: process.env['PATH'] ?? '' },
      stdio: 'pipe',
    });
    expect(allRefs(target)).toEqual(states.get(id)?.refs);
  });
});
