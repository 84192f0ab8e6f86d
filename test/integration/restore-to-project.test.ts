import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fillPullRequests, type FilledPullRequests } from '../bitbucket/everything/pull-requests.ts';
import { fillSettings } from '../bitbucket/everything/settings.ts';
import { addCommits } from '../bitbucket/history.ts';
import type { Project, Repo, Token, User } from '../bitbucket/model.ts';
import { listRefs } from '../bitbucket/repository.ts';
import { setReviewers } from '../bitbucket/reviews.ts';
import { Simulator } from '../bitbucket/simulator.ts';
import { there } from '../bitbucket/there.ts';
import { World } from '../world.ts';

const run = promisify(execFile);
let world: World;
let other: Simulator;
let repo: Repo;
let target: Project;
let writer: Token;
let serverId: string;
let plan: { id: string };
let filled: FilledPullRequests;
let users: User[];

beforeEach(async () => {
  world = await World.start();
  other = await Simulator.start({ clock: world.clock });
  repo = world.addRepo('one');
  await addCommits(repo, [{ message: 'Begin', files: { 'README.md': '# one\n' } }]);
  users = ['bob', 'carol', 'restorer'].map((name) => world.bitbucket.state.addUser({ name }));
  for (const user of users) world.bitbucket.state.grant(user, 'PROJECT_WRITE', world.project);
  filled = await fillPullRequests(world.bitbucket, { repo, users: [there(users[0]), there(users[1])] });
  plan = await world.plan([world.addReader('ann')], { leaveOut: [] });
  target = other.state.addProject({ key: 'BACK', name: 'Back' });
  for (const name of ['bob', 'carol', 'restorer']) other.state.grant(other.state.addUser({ name }), 'PROJECT_ADMIN', target);
  writer = other.state.addToken({
    user: there(other.state.findUser('restorer')),
    name: 'restore',
    permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'],
  });
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

const heads = (of: Repo) => listRefs(of.folder, 'refs/heads/');

describe('a restore into Bitbucket', () => {
  test('is a clone with the same branches and a clean fsck', async () => {
    await world.run(plan);
    expect(await restore()).toMatchObject({ verified: true });
    const dir = join(world.root, 'clone.git');
    const git = async (...args: string[]) => (await run('git', args)).stdout;
    const header = `http.extraHeader=Authorization: Bearer ${writer.secret}`;
    await git('-c', header, 'clone', '--quiet', '--mirror', `${other.url}/scm/back/one.git`, dir);
    expect(await git('-C', dir, 'fsck', '--strict')).toBe('');
    const cloned = (await git('-C', dir, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads')).trim().split('\n');
    for (const { name, oid } of await heads(repo))
      expect(cloned).toContain(`${name.startsWith('refs/') ? name : `refs/heads/${name}`} ${oid}`);
  });

  test('waits out a throttled server', async () => {
    await world.run(plan);
    other.limits.enabled = true;
    Object.assign(other.limits.defaults, { capacity: 3, fillRate: 1 });
    expect(await restore()).toMatchObject({ verified: true });
  });

  test('keeps the other reviewers where one of them is the owner of the token', async () => {
    const [, carol, restorer] = users;
    setReviewers(repo, filled.open, { user: there(users[0]), at: world.clock.now() }, [there(carol), there(restorer)]);
    await world.run(plan);
    await restore();
    const made = there(other.state.findRepo('BACK', 'one')).pullRequests[0];
    expect(made?.reviewers.map(({ user }) => user.name)).toEqual(['carol']);
  });

  test('takes a project as the named run left it', async () => {
    const first = await world.run(plan);
    const before = await heads(repo);
    await addCommits(repo, [{ branch: 'later', from: 'refs/heads/main', files: { 'later.md': 'x\n' } }]);
    await world.run(plan);
    await restore({ repos: undefined, project: { projectKey: 'PROOF', runId: first.id } });
    const names = (await heads(there(other.state.findRepo('BACK', 'one')))).map(({ name }) => name);
    for (const { name } of before) expect(names).toContain(name);
    expect(names.filter((name) => name.endsWith('later'))).toEqual([]);
  });

  test('takes a project’s own settings with its repos, those that would stand in their way last', async () => {
    const { state } = world.bitbucket;
    const admin = state.addUser({ name: 'olga' });
    state.grant(admin, 'PROJECT_ADMIN', world.project);
    const group = state.addGroup('developers', users);
    await fillSettings(world.bitbucket, { project: world.project, repo, users, group });
    const token = state.addToken({ user: admin, name: 'all', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
    const [server] = (await world.call('server.list', {})).filter(({ url }) => url === world.bitbucket.url);
    await world.call('credential.add', { serverId: there(server).id, token: token.secret, name: 'all' });
    const { id } = there((await world.call('credential.list', {})).find(({ name }) => name === 'all'));
    await world.call('plan.edit', { id: plan.id, changes: { additional: { enabled: true, credentialIds: [id] } } });
    await world.run(plan);
    other.state.addGroup('developers', [...other.state.users]);
    other.state.addUser({ name: 'olga' });
    const report = await restore({ repos: undefined, project: { projectKey: 'PROOF' } });
    const items = report.places.flatMap(({ items: some }) => some);
    expect(items.filter(({ state: of }) => of === 'failed' || of === 'differs')).toEqual([]);
    expect(report).toMatchObject({ verified: true, places: [{ slug: null }, { slug: 'one' }] });
    expect(report.places[0]?.items).toContainEqual({
      kind: 'branch-restrictions',
      what: expect.stringContaining('no-deletes'),
      state: 'restored',
    });
  });

  test('uses a name that a renamed repo of the target has left', async () => {
    await world.run(plan);
    const taken = other.state.addRepo({ project: target, name: 'one' });
    await addCommits(taken, [{ files: { 'theirs.md': 'x\n' } }]);
    other.state.moveRepo(taken, { name: 'theirs' });
    expect(await restore()).toMatchObject({ verified: true });
    expect((await heads(taken)).length).toBe(1);
  });

  test('of two repos, the second not empty, changes neither', async () => {
    const second = world.addRepo('two');
    await addCommits(second, [{ files: { 'two.md': 'x\n' } }]);
    await world.run(plan);
    await addCommits(other.state.addRepo({ project: target, name: 'two' }), [{ files: { 'theirs.md': 'x\n' } }]);
    const repos = ['one', 'two'].map((slug) => ({ repo: { projectKey: 'PROOF', slug } }));
    await expect(restore({ repos })).rejects.toMatchObject({ code: 'repo-not-empty' });
    expect(other.state.repos.map(({ slug }) => slug)).toEqual(['two']);
  });
});
