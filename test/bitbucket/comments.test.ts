import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { movingClock } from '../moving-clock.ts';
import { type Asked, asking } from './asking.ts';
import { addCommits } from './history.ts';
import type { PullRequest, Repo, Token, User } from './model.ts';
import { addPullRequest, refreshPullRequests } from './pull-requests.ts';
import { Simulator } from './simulator.ts';

const clock = movingClock();
let simulator: Simulator;
let repo: Repo;
let pull: PullRequest;
let alice: User;
let alices: Token;
let bobs: Token;
let ask: Asked;
let askRepo: Asked;

beforeAll(async () => {
  simulator = await Simulator.start({ clock, pageLimits: { activities: 3 } });
});

afterAll(() => simulator[Symbol.asyncDispose]());

beforeEach(async () => {
  simulator.reset();
  const { state } = simulator;
  alice = state.addUser({ name: 'alice' });
  const bob = state.addUser({ name: 'bob' });
  repo = state.addRepo({ project: state.addProject({ key: 'APP' }), name: 'shop' });
  state.grant(alice, 'REPO_WRITE', repo);
  state.grant(bob, 'REPO_READ', repo);
  alices = state.addToken({ user: alice, name: 'write', permissions: ['REPO_WRITE'] });
  bobs = state.addToken({ user: bob, name: 'write', permissions: ['REPO_WRITE'] });
  askRepo = asking(simulator, '/rest/api/latest/projects/APP/repos/shop');
  ask = asking(simulator, '/rest/api/latest/projects/APP/repos/shop/pull-requests/1');
  await addCommits(repo, [{ files: { 'a.txt': 'one\n' } }, { branch: 'topic', from: 'refs/heads/main', files: { 'b.txt': 'two\n' } }]);
  pull = await addPullRequest(repo, { from: 'topic', to: 'main', title: 'Add b', author: alice, createdDate: clock.now() });
});

const anchor = { path: 'b.txt', line: 1, lineType: 'ADDED', fileType: 'TO' };

describe('comments of a pull request', () => {
  test('replies nest below what they answer, and history repeats both', async () => {
    const first = await ask('POST', '/comments', bobs, { text: 'Why?' });
    await ask('POST', '/comments', alices, { text: 'Because', parent: { id: first.body.at('id') } });
    await ask('PUT', `/comments/${String(first.body.at('id'))}`, bobs, { version: 0, text: 'Why so?' });
    const { body } = await ask('GET', '/activities?limit=1000', alices);
    expect(body).toMatchObject({ limit: 3, nextPageStart: 3 });
    expect(body.at('values')).toMatchObject([
      { commentAction: 'EDITED', comment: { text: 'Why so?', version: 1, comments: [{ text: 'Because' }] } },
      { commentAction: 'REPLIED', comment: { text: 'Because' } },
      { commentAction: 'ADDED', comment: { text: 'Why so?', comments: [{ text: 'Because' }] } },
    ]);
    const rest = await ask('GET', '/activities?start=3', alices);
    expect(rest.body.at('values')).toMatchObject([{ action: 'OPENED' }]);
    expect((await ask('GET', '', alices)).body.at('properties.commentCount')).toBe(2);
  });

  test('the list wants a path and shows only what hangs on it, with the commits it was written for', async () => {
    await ask('POST', '/comments', bobs, { text: 'General' });
    await ask('POST', '/comments', bobs, { text: 'Here', anchor });
    expect((await ask('GET', '/comments', alices)).status).toBe(400);
    const { body } = await ask('GET', '/comments?path=b.txt', alices);
    expect(body.at('values')).toMatchObject([
      { text: 'Here', anchor: { ...anchor, diffType: 'EFFECTIVE', fromHash: pull.to.commit, toHash: pull.from.commit } },
    ]);
    const { body: activities } = await ask('GET', '/activities', alices);
    expect(activities.at('values.0.commentAnchor')).toMatchObject(anchor);
    expect(activities.at('values.0.comment.anchor')).toBeUndefined();
  });

  test.each([
    ['no text', {}, 400],
    ['a text of 32,769 characters', { text: 'x'.repeat(32_769) }, 400],
    ['a commit that is not there', { text: 'x', anchor: { ...anchor, fromHash: '0'.repeat(40), toHash: '0'.repeat(40) } }, 404],
    ['a line without its type', { text: 'x', anchor: { path: 'b.txt', line: 1 } }, 400],
    ['a parent that is not there', { text: 'x', parent: { id: 987_654 } }, 404],
    ['another severity', { text: 'x', severity: 'CRITICAL' }, 400],
  ])('%s is refused', async (_, body, status) => {
    expect((await ask('POST', '/comments', bobs, body)).status).toBe(status);
    expect(pull.comments).toEqual([]);
  });

  test('a change wants the current version, and another text its author', async () => {
    const { body } = await ask('POST', '/comments', bobs, { text: 'Mine' });
    const one = `/comments/${String(body.at('id'))}`;
    expect((await ask('PUT', one, bobs, { version: 5, text: 'x' })).exception).toBe('CommentOutOfDateException');
    expect((await ask('PUT', one, alices, { version: 0, text: 'x' })).status).toBe(401);
    expect((await ask('PUT', one, alices, { version: 0, threadResolved: true })).body).toMatchObject({ threadResolved: true, version: 1 });
    expect((await ask('PUT', one, bobs, { version: 1, severity: 'BLOCKER', state: 'RESOLVED' })).body).toMatchObject({
      state: 'RESOLVED',
      resolver: { name: 'bob' },
    });
  });

  test('a deleted comment leaves its trace in the history and no count', async () => {
    const { body } = await ask('POST', '/comments', bobs, { text: 'Oops' });
    const id = String(body.at('id'));
    const reply = await ask('POST', '/comments', alices, { text: 'What?', parent: { id: Number(id) } });
    expect((await ask('DELETE', `/comments/${id}?version=0`, bobs)).status).toBe(409);
    expect((await ask('DELETE', `/comments/${String(reply.body.at('id'))}?version=0`, bobs)).status).toBe(401);
    expect((await ask('DELETE', `/comments/${String(reply.body.at('id'))}?version=0`, alices)).status).toBe(204);
    expect((await ask('DELETE', `/comments/${id}?version=0`, bobs)).status).toBe(204);
    expect((await ask('GET', `/comments/${id}`, bobs)).exception).toBe('NoSuchCommentException');
    expect((await ask('GET', '/activities', bobs)).body.at('values.0')).toMatchObject({
      commentAction: 'DELETED',
      comment: { text: 'Oops' },
    });
    expect((await ask('GET', '', bobs)).body.at('properties.commentCount')).toBe(0);
  });

  test('tasks are comments with a state, counted by it', async () => {
    const { body } = await ask('POST', '/blocker-comments', bobs, { text: 'Test it' });
    await ask('POST', '/comments', bobs, { text: 'Rebase', severity: 'BLOCKER' });
    await ask('PUT', `/blocker-comments/${String(body.at('id'))}`, alices, { version: 0, state: 'RESOLVED' });
    expect((await ask('GET', '/blocker-comments?count=true', bobs)).body).toMatchObject({ OPEN: 1, RESOLVED: 1 });
    expect((await ask('GET', '/blocker-comments?state=RESOLVED', bobs)).body.at('values')).toMatchObject([{ text: 'Test it' }]);
    expect((await ask('GET', '', bobs)).body.at('properties')).toMatchObject({ openTaskCount: 1, resolvedTaskCount: 1, commentCount: 0 });
  });

  test('what a comment lets one do depends on who reads it', async () => {
    await ask('POST', '/comments', bobs, { text: 'Mine' });
    const seen = async (token: Token) => (await ask('GET', '/activities', token)).body.at('values.0.comment.permittedOperations');
    expect(await seen(bobs)).toMatchObject({ editable: true, deletable: true });
    expect(await seen(alices)).toMatchObject({ editable: false, deletable: false });
  });

  test('a push to the source branch rescopes: new tip, same version', async () => {
    const before = pull.from.commit;
    const [after] = await addCommits(repo, [{ branch: 'topic', files: { 'c.txt': 'three\n' } }]);
    clock.move(1000);
    await refreshPullRequests(simulator.state.repos, repo, { user: alice, at: clock.now() });
    const { body } = await ask('GET', '/activities', alices);
    expect(body.at('values.0')).toMatchObject({
      action: 'RESCOPED',
      previousFromHash: before,
      fromHash: after,
      added: { total: 1, commits: [{ id: after }] },
      removed: { total: 0 },
    });
    expect([pull.version, pull.updatedDate]).toEqual([0, clock.now()]);
  });
});

describe('comments of a commit', () => {
  test('they are written with or without a file, and listed by file only', async () => {
    const at = `/commits/${pull.from.commit}/comments`;
    await askRepo('POST', at, bobs, { text: 'General' });
    expect((await askRepo('POST', at, bobs, { text: 'Here', anchor })).body.at('anchor.diffType')).toBe('COMMIT');
    expect((await askRepo('GET', at, alices)).status).toBe(400);
    expect((await askRepo('GET', `${at}?path=b.txt`, alices)).body.at('values')).toMatchObject([{ text: 'Here' }]);
    expect((await askRepo('GET', `/commits/${'0'.repeat(40)}/comments?path=b.txt`, alices)).exception).toBe('NoSuchCommitException');
  });
});
