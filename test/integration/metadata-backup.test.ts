import { readMetadata } from '@gitprotect/agent/catalogue/metadata-object';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fillLfs } from '../bitbucket/everything/lfs.ts';
import { fillPullRequests } from '../bitbucket/everything/pull-requests.ts';
import type { Repo, Token } from '../bitbucket/model.ts';
import { addCommits } from '../bitbucket/history.ts';
import { World } from '../world.ts';

const signal = new AbortController().signal;
let world: World;
let repo: Repo;
let reader: Token;

beforeEach(async () => {
  world = await World.start();
  repo = world.addRepo('one');
  await addCommits(repo, [{ message: 'Begin', files: { 'README.md': '# one\n' } }]);
  reader = world.addReader('ann');
});

afterEach(() => world[Symbol.asyncDispose]());

/** What the newest snapshot of the repo holds beside git. */
async function newest() {
  const { catalogue, plain, keys } = await world.app.place(signal);
  const entry = (await catalogue.list({})).find(({ slug }) => slug === 'one');
  if (entry === undefined) return expect.fail('no snapshot');
  const found = await catalogue.find({ repo: entry, snapshotId: entry.id });
  const { manifest } = await catalogue.manifest(found, { signal });
  const records = [];
  for await (const record of readMetadata({ storage: plain, keys }, manifest.metadata?.chain ?? [], { signal })) records.push(record);
  return { manifest, records };
}

const outcomeOf = async (run: ReturnType<World['run']>) => (await run).jobs[0]?.outcome;

describe('a backup of what lies beside git', () => {
  test('saves it once, and then only what changed', async () => {
    const users = ['bob', 'carol', 'dave'].map((name) => world.bitbucket.state.addUser({ name }));
    for (const user of users) world.bitbucket.state.grant(user, 'PROJECT_WRITE', world.project);
    await fillPullRequests(world.bitbucket, { repo, users });
    const plan = await world.plan([reader], { leaveOut: [] });
    const first = await outcomeOf(world.run(plan));
    expect(first).toMatchObject({ state: 'saved', kind: 'full' });
    const { manifest, records } = await newest();
    console.log(
      JSON.stringify(first),
      JSON.stringify(manifest.metadata?.kinds),
      records.map(({ kind, key }) => `${kind} ${key}`).join(', '),
    );
    expect(await outcomeOf(world.run(plan))).toMatchObject({ state: 'unchanged' });
    console.log(world.bitbucket.requests.map(({ method, path }) => `${method} ${path}`).join('\n'));
  });

  test('stores large files', async () => {
    const oids = await fillLfs(world.bitbucket, { repo });
    const plan = await world.plan([reader], { leaveOut: [] });
    const first = await outcomeOf(world.run(plan));
    console.log(JSON.stringify(first), oids);
    const { manifest } = await newest();
    console.log(JSON.stringify(manifest.lfs));
    expect(await outcomeOf(world.run(plan))).toMatchObject({ state: 'unchanged' });
  });
});
