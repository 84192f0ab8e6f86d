import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fillLfs } from '../bitbucket/everything/lfs.ts';
import { fillPullRequests } from '../bitbucket/everything/pull-requests.ts';
import { addCommits } from '../bitbucket/history.ts';
import type { Project, Repo, Token } from '../bitbucket/model.ts';
import { Simulator } from '../bitbucket/simulator.ts';
import { World } from '../world.ts';

let world: World;
let other: Simulator;
let repo: Repo;
let target: Project;
let writer: Token;
let serverId: string;

beforeEach(async () => {
  world = await World.start();
  other = await Simulator.start({ clock: world.clock });
  repo = world.addRepo('one');
  await addCommits(repo, [{ message: 'Begin', files: { 'README.md': '# one\n' } }]);
  const users = ['bob', 'carol', 'dave'].map((name) => world.bitbucket.state.addUser({ name }));
  for (const user of users) world.bitbucket.state.grant(user, 'PROJECT_WRITE', world.project);
  await fillPullRequests(world.bitbucket, { repo, users });
  await fillLfs(world.bitbucket, { repo });
  const admin = world.bitbucket.state.addUser({ name: 'olga' });
  world.bitbucket.state.grant(admin, 'PROJECT_ADMIN', world.project);
  const token = world.bitbucket.state.addToken({ user: admin, name: 'all', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
  await world.run(await world.plan([token], { leaveOut: [] }));
  target = other.state.addProject({ key: 'BACK', name: 'Back' });
  const owner = other.state.addUser({ name: 'restorer' });
  other.state.grant(owner, 'PROJECT_ADMIN', target);
  other.state.addUser({ name: 'bob' });
  writer = other.state.addToken({ user: owner, name: 'restore', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
  serverId = (await world.call('server.add', { url: other.url })).id;
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const restore = (more: object = {}) =>
  world.call('restore.to-server', {
    repos: [{ repo: { projectKey: 'PROOF', slug: 'one' } }],
    to: { serverId, projectKey: 'BACK' },
    token: writer.secret,
    ...more,
  });

describe('a restore into Bitbucket', () => {
  test('changes nothing in a dry run, and says what it would do', async () => {
    const report = await restore({ dryRun: true });
    expect(other.state.repos).toHaveLength(0);
    expect(other.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    const [place] = report.places;
    expect(place?.items).toContainEqual({ kind: 'repository', what: 'repository “one”', state: 'will' });
    expect(place?.items).toContainEqual(
      expect.objectContaining({ kind: 'pull-requests', what: '2 merged or declined pull requests', state: 'cannot' }),
    );
    expect(report).toMatchObject({ dryRun: true, missingRights: [] });
  });

  test('brings back git, large files and open pull requests with their comments, and proves it', async () => {
    const report = await restore();
    expect(report).toMatchObject({ verified: true, missingRights: [] });
    const there = other.state.findRepo('BACK', 'one');
    expect(there?.lfs.objects.size).toBe(3);
    expect(there?.pullRequests.map(({ title, state }) => ({ title, state }))).toEqual([
      { title: 'Everything a pull request can have', state: 'OPEN' },
      { title: expect.stringContaining('<script>'), state: 'OPEN' },
    ]);
    expect(report.places[0]?.items).toContainEqual(
      expect.objectContaining({ what: 'pull request 1 “Everything a pull request can have” with 8 comments', state: 'restored' }),
    );
  });

  test('touches no repo that holds anything, and says where else to go', async () => {
    await restore();
    const before = other.requests.length;
    await expect(restore()).rejects.toMatchObject({ code: 'repo-not-empty', remedy: expect.stringContaining('--as') });
    expect(other.requests.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(await restore({ to: { serverId, projectKey: 'BACK', name: 'one again' } })).toMatchObject({ verified: true });
  });

  test('makes no repo of a backup that cannot be read', async () => {
    const { plain } = await world.app.place(new AbortController().signal);
    for await (const { name } of plain.list('servers/')) if (name.endsWith('.bundle.age')) await plain.remove(name);
    await expect(restore()).rejects.toMatchObject({ code: 'backup-damaged' });
    expect(other.state.repos).toHaveLength(0);
  });

  test('names a project that no token can create', async () => {
    await expect(restore({ to: { serverId, projectKey: 'NOPE' } })).rejects.toMatchObject({
      code: 'project-not-found',
      remedy: expect.stringContaining('create it in Bitbucket first'),
    });
  });

  test('needs the right to create, and names it before anything is tried', async () => {
    const reader = other.state.addUser({ name: 'reader' });
    other.state.grant(reader, 'PROJECT_READ', target);
    const { secret } = other.state.addToken({ user: reader, name: 'read', permissions: ['PROJECT_READ', 'REPO_READ'] });
    expect(await restore({ token: secret, dryRun: true })).toMatchObject({
      missingRights: [expect.stringContaining('needs Project admin')],
    });
    await expect(restore({ token: secret })).rejects.toMatchObject({ code: 'token-no-write' });
    expect(other.state.repos).toHaveLength(0);
  });
});
