import { afterAll, beforeAll, expect, test } from 'vitest';
import { asking } from './asking.ts';
import { addComment } from './comments.ts';
import { conformance } from './conformance.ts';
import { manyPullRequests } from './many-pull-requests.ts';
import type { PullRequest, Repo, Token } from './model.ts';
import { referencePresent } from './openapi.ts';
import { git, listRefs } from './repository.ts';
import { Simulator } from './simulator.ts';
import { there } from './there.ts';

const count = 10_000;
let simulator: Simulator;
let repo: Repo;
let token: Token;
let pulls: PullRequest[];

beforeAll(async () => {
  simulator = await Simulator.start();
  const { state } = simulator;
  const alice = state.addUser({ name: 'alice' });
  repo = state.addRepo({ project: state.addProject({ key: 'APP' }), name: 'shop' });
  state.grant(alice, 'REPO_READ', repo);
  token = state.addToken({ user: alice, name: 'read', permissions: ['REPO_READ'] });
  pulls = await manyPullRequests(simulator, repo, { count, comments: 30 });
});

afterAll(() => simulator[Symbol.asyncDispose]());

const get = (path: string) => asking(simulator, '/rest/api/latest/projects/APP/repos/shop')('GET', path, token);

test('ten thousand are listed in pages of a hundred, each with its ref', async () => {
  let [seen, start, pages] = [0, 0, 0];
  for (let last = false; !last; pages += 1) {
    const { body } = await get(`/pull-requests?state=ALL&limit=1000&start=${start}`);
    seen += Number(body.at('size'));
    start = Number(body.at('nextPageStart'));
    last = body.at('isLastPage') === true;
  }
  expect([seen, pages]).toEqual([count, 100]);
  expect((await get('/pull-requests?limit=1000')).body.at('size')).toBe(10);
  expect(await listRefs(repo.folder, 'refs/pull-requests/')).toHaveLength(count);
  expect(await git(repo.folder, ['fsck', '--connectivity-only'])).not.toContain('error');
});

test('the history is the same each time and grows with what is added', async () => {
  const pull = there(pulls[4321]);
  const path = `/pull-requests/${pull.id}/activities?limit=500`;
  const first = (await get(path)).body;
  expect(first.at('values')).toHaveLength(31);
  expect(JSON.stringify((await get(path)).body)).toBe(JSON.stringify(first));
  addComment({ repo, pull }, { user: pull.author, at: simulator.clock.now() }, { text: 'One more' });
  const { body } = await get(path);
  expect(body.at('values.0.comment.text')).toBe('One more');
  expect(body.at('values')).toHaveLength(32);
  expect((await get(`/pull-requests/${pull.id}`)).body.at('properties.commentCount')).toBe(31);
});

test('reading the comments keeps none of them', async () => {
  for (const pull of pulls.slice(0, 300)) await get(`/pull-requests/${pull.id}/activities?limit=500`);
  expect(pulls.every(({ comments, activities }) => comments.length + activities.length <= 2)).toBe(true);
});

test.skipIf(!referencePresent)('they are as published', async () => {
  simulator.record = true;
  await get('/pull-requests?state=ALL&limit=1000');
  await get(`/pull-requests/${there(pulls[17]).id}/activities`);
  expect(conformance(simulator.requests)).toEqual([]);
});
