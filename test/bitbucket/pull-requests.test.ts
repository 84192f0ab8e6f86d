import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { movingClock } from '../moving-clock.ts';
import { addCommits } from './history.ts';
import type { PullRequest, Repo, Token, User } from './model.ts';
import { addPullRequest } from './pull-requests.ts';
import { asking, type Asked } from './asking.ts';
import { resolveRef } from './repository.ts';
import { Simulator } from './simulator.ts';

const clock = movingClock();
let simulator: Simulator;
let alice: User;
let bob: User;
let repo: Repo;
let alices: Token;
let bobs: Token;
let ask: Asked;

beforeAll(async () => {
  simulator = await Simulator.start({ clock, pageLimits: { pullRequests: 2 } });
});

afterAll(() => simulator[Symbol.asyncDispose]());

beforeEach(async () => {
  simulator.reset();
  const { state } = simulator;
  alice = state.addUser({ name: 'alice' });
  bob = state.addUser({ name: 'bob' });
  repo = state.addRepo({ project: state.addProject({ key: 'APP' }), name: 'shop' });
  state.grant(alice, 'REPO_WRITE', repo);
  state.grant(bob, 'REPO_READ', repo);
  alices = state.addToken({ user: alice, name: 'write', permissions: ['REPO_WRITE'] });
  bobs = state.addToken({ user: bob, name: 'write', permissions: ['REPO_WRITE'] });
  ask = asking(simulator, '/rest/api/latest/projects/APP/repos/shop');
  await addCommits(repo, [
    { files: { 'a.txt': 'one\n' } },
    { branch: 'topic', from: 'refs/heads/main', files: { 'b.txt': 'two\n' } },
    { branch: 'clash', from: 'refs/heads/main', files: { 'a.txt': 'another\n' } },
  ]);
});

const refs = (from: string, to = 'main') => ({ fromRef: { id: `refs/heads/${from}` }, toRef: { id: `refs/heads/${to}` } });
const opened = (more: { reviewers?: User[] } = {}): Promise<PullRequest> =>
  addPullRequest(repo, { from: 'topic', to: 'main', title: 'Add b', author: alice, createdDate: clock.now(), ...more });

describe('opening', () => {
  test('the author is whose token asks, the date is now, numbers begin with 1', async () => {
    const { status, body } = await ask('POST', '/pull-requests', alices, {
      ...refs('topic'),
      title: 'Add b',
      reviewers: [{ user: { name: 'bob' } }],
      id: 77,
      author: { user: { name: 'bob' } },
      createdDate: 1,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: 1, version: 0, state: 'OPEN', createdDate: clock.now(), author: { user: { name: 'alice' } } });
    expect(await resolveRef(repo.folder, 'refs/pull-requests/1/from')).toBe(body.at('fromRef.latestCommit'));
  });

  test('a second one between the same branches is refused and the first is named', async () => {
    await opened();
    const refusal = await ask('POST', '/pull-requests', alices, { ...refs('topic'), title: 'Again' });
    expect([refusal.status, refusal.exception]).toEqual([409, 'DuplicatePullRequestException']);
    expect(refusal.body.at('errors.0.existingPullRequest.id')).toBe(1);
  });

  test.each([
    ['from a branch that is not there', { ...refs('nothing'), title: 'x' }, 404, 'NoSuchCommitException'],
    ['from a branch to itself', { ...refs('main'), title: 'x' }, 409, 'InvalidPullRequestRefException'],
    ['without anything to merge', { ...refs('main', 'topic'), title: 'x' }, 409, 'EmptyPullRequestException'],
    ['without a title', refs('topic'), 400, undefined],
    ['with a title of 256 characters', { ...refs('topic'), title: 'x'.repeat(256) }, 400, undefined],
    ['with a description of 32,769 characters', { ...refs('topic'), title: 'x', description: 'x'.repeat(32_769) }, 400, undefined],
    [
      'with a reviewer nobody knows',
      { ...refs('topic'), title: 'x', reviewers: [{ user: { name: 'nobody' } }] },
      409,
      'InvalidPullRequestReviewersException',
    ],
    [
      'with its author as reviewer',
      { ...refs('topic'), title: 'x', reviewers: [{ user: { name: 'alice' } }] },
      409,
      'InvalidPullRequestReviewersException',
    ],
  ])('%s it is refused', async (_, body, status, exception) => {
    const refusal = await ask('POST', '/pull-requests', alices, body);
    expect([refusal.status, refusal.exception]).toEqual([status, exception]);
    expect(repo.pullRequests).toEqual([]);
  });

  test('a token that may only read opens nothing and comments on nothing', async () => {
    await opened();
    const reader = simulator.state.addToken({ user: alice, name: 'read', permissions: ['REPO_READ'] });
    expect((await ask('POST', '/pull-requests', reader, { ...refs('clash'), title: 'x' })).status).toBe(401);
    expect((await ask('POST', '/pull-requests/1/comments', reader, { text: 'x' })).status).toBe(401);
  });
});

describe('changing', () => {
  test('each change of the title needs the current version and makes the next', async () => {
    await opened({ reviewers: [bob] });
    const first = await ask('PUT', '/pull-requests/1', alices, {
      version: 0,
      title: 'Add b at last',
      reviewers: [{ user: { name: 'bob' } }],
    });
    expect(first.body).toMatchObject({ version: 1, title: 'Add b at last', reviewers: [{ user: { name: 'bob' } }] });
    const late = await ask('PUT', '/pull-requests/1', alices, { version: 0, title: 'Too late' });
    expect([late.status, late.exception]).toEqual([409, 'PullRequestOutOfDateException']);
    expect(late.body.at('errors.0')).toMatchObject({ currentVersion: 1, expectedVersion: 0, pullRequest: { title: 'Add b at last' } });
  });

  test('reviewers that a change does not name are reviewers no more', async () => {
    await opened({ reviewers: [bob] });
    await ask('PUT', '/pull-requests/1', alices, { version: 0, title: 'Add b' });
    const { body } = await ask('GET', '/pull-requests/1/activities', alices);
    expect(body.at('values.0')).toMatchObject({ action: 'UPDATED', removedReviewers: [{ name: 'bob' }] });
  });

  test('comments and verdicts move the date and not the version; reactions move neither', async () => {
    const pull = await opened();
    clock.move(5000);
    const { body } = await ask('POST', '/pull-requests/1/comments', bobs, { text: 'Hm' });
    expect([pull.version, pull.updatedDate]).toEqual([0, clock.now()]);
    clock.move(5000);
    await ask('PUT', '/pull-requests/1/participants/bob', bobs, { status: 'APPROVED' });
    expect([pull.version, pull.updatedDate]).toEqual([0, clock.now()]);
    clock.move(5000);
    const likes = asking(simulator, '/rest/comment-likes/latest/projects/APP/repos/shop');
    const reaction = `/pull-requests/1/comments/${String(body.at('id'))}/reactions/thumbsup`;
    expect((await likes('PUT', reaction, bobs)).status).toBe(200);
    expect(pull.updatedDate).toBe(clock.now() - 5000);
    const { body: activities } = await ask('GET', '/pull-requests/1/activities', alices);
    expect(activities.at('values.1.comment.properties.reactions')).toMatchObject([
      { emoticon: { shortcut: 'thumbsup' }, users: [{ name: 'bob' }] },
    ]);
  });

  test('authors do not approve what they wrote, and nobody speaks for another', async () => {
    await opened();
    const own = await ask('PUT', '/pull-requests/1/participants/alice', alices, { status: 'APPROVED' });
    expect([own.status, own.exception]).toEqual([400, 'InvalidPullRequestRoleException']);
    expect((await ask('PUT', '/pull-requests/1/participants/bob', alices, { status: 'APPROVED' })).status).toBe(401);
  });

  test('someone who may only read neither renames nor declines what another opened', async () => {
    await opened();
    expect((await ask('PUT', '/pull-requests/1', bobs, { version: 0, title: 'Mine' })).status).toBe(401);
    expect((await ask('POST', '/pull-requests/1/decline?version=0', bobs)).status).toBe(401);
  });

  test('in an archived repository nothing changes', async () => {
    await opened();
    repo.archived = true;
    expect((await ask('POST', '/pull-requests/1/comments', alices, { text: 'x' })).status).toBe(409);
    expect((await ask('POST', '/pull-requests', alices, { ...refs('clash'), title: 'x' })).status).toBe(409);
  });
});

describe('ending', () => {
  test('decline and reopen count versions and can be repeated', async () => {
    await opened();
    expect((await ask('POST', '/pull-requests/1/decline?version=7', alices)).exception).toBe('PullRequestOutOfDateException');
    const declined = await ask('POST', '/pull-requests/1/decline?version=0', alices, {});
    expect(declined.body).toMatchObject({ state: 'DECLINED', version: 1, closed: true, closedDate: clock.now() });
    expect((await ask('POST', '/pull-requests/1/decline', alices, { version: 1 })).exception).toBe('IllegalPullRequestStateException');
    expect((await ask('POST', '/pull-requests/1/reopen', alices, { version: 1 })).body).toMatchObject({ state: 'OPEN', version: 2 });
  });

  test('merging makes a real commit on the target branch', async () => {
    const pull = await opened();
    const { status, body } = await ask('POST', '/pull-requests/1/merge?version=0', alices, { message: 'Take b' });
    expect([status, body.at('state')]).toEqual([200, 'MERGED']);
    expect(await resolveRef(repo.folder, 'refs/heads/main')).toBe(pull.mergeCommit);
    expect(body.at('properties.mergeCommit.id')).toBe(pull.mergeCommit);
    expect((await ask('DELETE', '/pull-requests/1', alices, { version: 1 })).exception).toBe('IllegalPullRequestStateException');
  });

  test('a fast-forward takes the source commit itself', async () => {
    const { from } = await opened();
    await ask('POST', '/pull-requests/1/merge?version=0', alices, { strategyId: 'ff-only' });
    expect(await resolveRef(repo.folder, 'refs/heads/main')).toBe(from.commit);
  });

  test('branches that conflict are not merged', async () => {
    await addPullRequest(repo, { from: 'clash', to: 'main', title: 'Change a', author: alice });
    await addCommits(repo, [{ files: { 'a.txt': 'quite another\n' } }]);
    const before = await resolveRef(repo.folder, 'refs/heads/main');
    expect((await ask('GET', '/pull-requests/1/merge', alices)).body).toMatchObject({ canMerge: false, conflicted: true });
    const refusal = await ask('POST', '/pull-requests/1/merge?version=0', alices, {});
    expect([refusal.status, refusal.exception]).toEqual([409, 'PullRequestMergeVetoedException']);
    expect(await resolveRef(repo.folder, 'refs/heads/main')).toBe(before);
  });

  test('a deleted number is not given again', async () => {
    await opened();
    expect((await ask('DELETE', '/pull-requests/1', alices, { version: 0 })).status).toBe(204);
    expect((await ask('GET', '/pull-requests/1', alices)).exception).toBe('NoSuchPullRequestException');
    expect((await opened()).id).toBe(2);
  });
});

describe('listing', () => {
  test('open ones by default, newest first, in pages the server limits', async () => {
    for (const state of ['DECLINED', 'DECLINED', 'OPEN'] as const) {
      await addPullRequest(repo, { from: 'topic', to: 'main', title: state, author: alice, state });
    }
    expect((await ask('GET', '/pull-requests', alices)).body.at('size')).toBe(1);
    const { body } = await ask('GET', '/pull-requests?state=ALL&limit=1000', alices);
    expect(body).toMatchObject({ limit: 2, isLastPage: false, nextPageStart: 2, values: [{ id: 3 }, { id: 2 }] });
    const rest = await ask('GET', '/pull-requests?state=ALL&order=OLDEST&withProperties=false', alices);
    expect(rest.body.at('values.0.id')).toBe(1);
    expect(rest.body.at('values.0.properties')).toBeUndefined();
    expect((await ask('GET', '/pull-requests?state=CLOSED', alices)).status).toBe(400);
  });
});
