import { readMetadata } from '@gitprotect/agent/catalogue/metadata-object';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fillLfs } from '../bitbucket/everything/lfs.ts';
import { fillPullRequests } from '../bitbucket/everything/pull-requests.ts';
import type { Repo, Token } from '../bitbucket/model.ts';
import { addCommits } from '../bitbucket/history.ts';
import { git } from '../bitbucket/repository.ts';
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
  if (entry === undefined) throw new Error('no snapshot');
  const found = await catalogue.find({ repo: entry, snapshotId: entry.id });
  const { manifest } = await catalogue.manifest(found, { signal });
  const records = [];
  for await (const record of readMetadata({ storage: plain, keys }, manifest.metadata?.chain ?? [], { signal })) records.push(record);
  return { manifest, records };
}

const outcomeOf = async (run: ReturnType<World['run']>) => (await run).jobs[0]?.outcome;

describe('a backup of what lies beside git', () => {
  test('saves it once, and is unchanged after that', async () => {
    const users = ['bob', 'carol', 'dave'].map((name) => world.bitbucket.state.addUser({ name }));
    for (const user of users) world.bitbucket.state.grant(user, 'PROJECT_WRITE', world.project);
    await fillPullRequests(world.bitbucket, { repo, users });
    const plan = await world.plan([reader], { leaveOut: [] });
    expect(await outcomeOf(world.run(plan))).toMatchObject({
      state: 'saved',
      kind: 'full',
      notPermitted: expect.arrayContaining(['webhooks', 'branch-restrictions']),
    });
    const { manifest, records } = await newest();
    expect(manifest.metadata?.kinds).toMatchObject({
      details: { state: 'saved', records: 1 },
      'pull-requests': { state: 'saved', records: repo.pullRequests.length },
      attachments: { state: 'saved', records: 2 },
      'commit-comments': { state: 'not-listable' },
      webhooks: { state: 'not-permitted' },
    });
    expect(records.filter(({ kind }) => kind === 'pull-requests')).toHaveLength(repo.pullRequests.length);
    expect(await outcomeOf(world.run(plan))).toMatchObject({ state: 'unchanged', snapshotId: '00000001' });
  });

  test('finds the large files that any commit names, stores each once, and says which could not be had, and where they belong', async () => {
    const oids = await fillLfs(world.bitbucket, { repo });
    const plan = await world.plan([reader], { leaveOut: [] });
    expect(await outcomeOf(world.run(plan))).toMatchObject({
      state: 'saved',
      lfsObjects: [...oids.current, oids.old].length,
      warnings: [expect.stringContaining('assets/lost.bin')],
    });
    const { manifest } = await newest();
    expect(manifest.lfs).toMatchObject({ objects: 4, missing: [{ oid: oids.missing, path: 'assets/lost.bin' }] });
    expect(await outcomeOf(world.run(plan))).toMatchObject({ state: 'unchanged' });
  });

  test('goes on from the last snapshot there is, not from the one that the database knew', async () => {
    const plan = await world.plan([reader], { leaveOut: [] });
    await world.run(plan);
    const first = (await git(repo.folder, ['rev-parse', 'main'])).trim();
    await addCommits(repo, [{ message: 'Go on', files: { 'README.md': '# two\n' } }]);
    await world.run(plan);
    // As when another agent took it, or the database was put back from a copy.
    await world.app.db.deleteFrom('snapshots').where('id', '=', '00000002').execute();
    await git(repo.folder, ['update-ref', 'refs/heads/main', first]);
    expect(await outcomeOf(world.run(plan))).toMatchObject({ state: 'saved', snapshotId: '00000003', refs: { moved: 1 } });
    const { catalogue } = await world.app.place(signal);
    const [last] = await catalogue.list({});
    if (last === undefined) throw new Error('no snapshot');
    const { refs } = await catalogue.manifest(await catalogue.find({ repo: last }), { signal });
    expect(refs.get('refs/heads/main')).toEqual({ oid: first });
  });
});
