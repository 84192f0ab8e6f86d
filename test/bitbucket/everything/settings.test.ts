import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Asked, asking } from '../asking.ts';
import type { Token } from '../model.ts';
import { Simulator } from '../simulator.ts';
import { there } from '../there.ts';
import { fillSettings } from './settings.ts';

let simulator: Simulator;
let token: Token;
let ask: Asked;
let asked: number;

beforeAll(async () => {
  simulator = await Simulator.start();
  const { state } = simulator;
  const users = ['alice', 'bob'].map((name) => state.addUser({ name }));
  const group = state.addGroup('Entwickler & Prüfer', users);
  const project = state.addProject({ key: 'APP' });
  const repo = state.addRepo({ project, name: 'shop' });
  await fillSettings(simulator, { project, repo, users, group });
  asked = simulator.requests.length;
  state.grant(there(users[0]), 'PROJECT_ADMIN', project);
  token = state.addToken({ user: there(users[0]), name: 'admin', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
  ask = asking(simulator, '/rest');
});

afterAll(() => simulator[Symbol.asyncDispose]());

const project = 'projects/APP';
const repo = `${project}/repos/shop`;

async function all(path: string): Promise<{ scope?: { type: string } }[]> {
  const { status, body } = await ask('GET', path, token);
  expect(status).toBe(200);
  return (body['values'] ?? JSON.parse(String(body['text']))) as { scope?: { type: string } }[];
}

test.each([
  ['/api/latest/P/webhooks', 2, 1],
  ['/api/latest/P/settings/reviewer-groups', 2, 1],
  ['/default-reviewers/latest/P/conditions', 2, 1],
  ['/default-tasks/latest/P/tasks', 2, 1],
  ['/keys/latest/P/ssh', 2, 1],
  ['/branch-permissions/latest/P/restrictions', 2, 1],
  ['/api/latest/P/secret-scanning/rules', 2, 1],
  ['/api/latest/P/secret-scanning/allowlist', 2, 1],
  ['/api/latest/P/hook-scripts', 2, 1],
])('%s has things of the repository’s own, and of the project’s', async (path, ofRepo, ofProject) => {
  const own = (await all(path.replace('P', repo))).filter(({ scope }) => scope?.type !== 'PROJECT');
  expect([own.length, (await all(path.replace('P', project))).length]).toEqual([ofRepo, ofProject]);
});

test('what only one of the two has is there', async () => {
  expect(await all(`/api/latest/${repo}/labels`)).toHaveLength(3);
  expect(await all(`/required-builds/latest/${repo}/conditions`)).toHaveLength(2);
  expect(await all(`/api/latest/${project}/settings-restriction/all?namespace=com.example.größe&featureKey=limits`)).toHaveLength(1);
  expect(await all(`/api/latest/${project}/secret-scanning/exempt`)).toMatchObject([{ slug: 'shop' }]);
  expect((await ask('GET', `/api/latest/${repo}/settings/change-author`, token)).body).toMatchObject({
    enabled: true,
    scope: { type: 'REPOSITORY' },
  });
});

test('filling leaves the log of requests as it was', () => {
  expect(asked).toBe(0);
});
