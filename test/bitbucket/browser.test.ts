import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Token, User } from './model.ts';
import { Control } from './control.ts';
import { Simulator } from './simulator.ts';

let simulator: Simulator;
let alice: User;
let token: Token;

beforeAll(async () => {
  simulator = await Simulator.start({ contextPath: '/bitbucket' });
});

afterAll(() => simulator[Symbol.asyncDispose]());

beforeEach(() => {
  simulator.reset();
  alice = simulator.state.addUser({ name: 'alice', password: 'wonder' });
  token = simulator.state.addToken({ user: alice, name: 'nightly', permissions: ['REPO_READ'] });
});

const manage = '/plugins/servlet/access-tokens/manage';

const open = (path: string, cookie = '', init: RequestInit = {}): Promise<Response> =>
  fetch(simulator.url + path, { redirect: 'manual', headers: { cookie, accept: 'text/html' }, ...init });

const logInByForm = (password: string): Promise<Response> =>
  open('/j_atl_security_check', '', {
    method: 'POST',
    body: new URLSearchParams({ j_username: 'alice', j_password: password, next: manage }),
  });

const logInByJson = (password: string): Promise<Response> =>
  fetch(`${simulator.url}/rest/tsv/latest/authenticate`, { method: 'POST', body: JSON.stringify({ username: 'alice', password }) });

const cookieOf = (response: Response): string => response.headers.get('set-cookie')?.split(';')[0] ?? '';

describe('a browser', () => {
  test('is sent to the login and back to the page it wanted', async () => {
    const anonymous = await open(manage);
    expect([anonymous.status, anonymous.headers.get('location')]).toEqual([302, `/bitbucket/login?next=${encodeURIComponent(manage)}`]);
    const loggedIn = await logInByForm('wonder');
    expect(loggedIn.headers.get('location')).toBe(`/bitbucket${manage}`);
    const page = await open(manage, cookieOf(loggedIn));
    expect(page.status).toBe(200);
    expect(page.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(page.headers.get('x-ausername')).toBe('alice');
    expect(await page.text()).not.toContain(token.secret);
  });

  test('gets no session for a wrong password, by form or by JSON', async () => {
    expect((await logInByForm('looking-glass')).headers.get('set-cookie')).toBeNull();
    expect((await logInByJson('looking-glass')).status).toBe(401);
    expect(cookieOf(await logInByJson('wonder'))).toMatch(/^BITBUCKETSESSIONID=/);
  });

  test('finds every address of the account, and not those of other people', async () => {
    simulator.state.addUser({ name: 'bob' });
    const cookie = cookieOf(await logInByForm('wonder'));
    const paths = [
      '/projects',
      '/account',
      '/plugins/servlet/access-tokens/users/alice/manage',
      '/plugins/servlet/access-tokens/users/bob/manage',
    ];
    const statuses = await Promise.all(paths.map(async (path) => (await open(path, cookie)).status));
    expect(statuses).toEqual([200, 200, 200, 404]);
  });

  test('gets a strict policy with a fresh nonce when it is switched on', async () => {
    const cookie = cookieOf(await logInByForm('wonder'));
    expect((await open(manage, cookie)).headers.get('content-security-policy')).toBeNull();
    simulator.tokenPage.csp = true;
    const policies = await Promise.all([1, 2].map(async () => (await open(manage, cookie)).headers.get('content-security-policy')));
    expect(policies[0]).toContain("script-src 'nonce-");
    expect(policies[0]).not.toBe(policies[1]);
  });
});

describe('the control page', () => {
  test('lists users and tokens, and switches faults and limits', async () => {
    await using control = await Control.start(simulator, 0);
    const press = (path: string) => fetch(`${control.url}/${path}`, { method: 'POST', redirect: 'manual' });
    expect(await (await fetch(control.url)).text()).toContain(token.secret);
    await press('fault/unavailable');
    expect((await open('/rest/api/latest/projects')).status).toBe(503);
    await press('fault/unavailable');
    await press('limits');
    expect([(await open('/status')).status, simulator.limits.enabled]).toEqual([200, true]);
    expect((await press('fault/nothing')).status).toBe(404);
  });
});
