import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '@gitprotect/agent/lib/clock';
import type { Project, Repo, Token, User } from './model.ts';
import { Simulator } from './simulator.ts';

let now = 1_800_000_000_000;
const clock: Clock = { now: () => now, sleep: () => Promise.resolve() };

let simulator: Simulator;
let admin: User;
let alice: User;
let project: Project;
let repo: Repo;
let token: Token;

beforeAll(async () => {
  simulator = await Simulator.start({ contextPath: '/bitbucket', pageLimit: 2, clock });
});

afterAll(() => simulator[Symbol.asyncDispose]());

beforeEach(() => {
  simulator.reset();
  const { state } = simulator;
  admin = state.addUser({ name: 'admin', admin: true });
  alice = state.addUser({ name: 'alice' });
  project = state.addProject({ key: 'APP' });
  repo = state.addRepo({ project, name: 'shop' });
  state.grant(alice, 'REPO_READ', repo);
  token = state.addToken({ user: alice, name: 'canary', permissions: ['PROJECT_READ', 'REPO_READ'] });
});

const bearer = (of: Token): string => `Bearer ${of.secret}`;
const basic = (user: User, secret = user.password): string => `Basic ${Buffer.from(`${user.name}:${secret}`).toString('base64')}`;

const session = (): Record<string, string> => ({ cookie: `BITBUCKETSESSIONID=${simulator.state.addSession(alice)}` });

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function ask(path: string, headers: Record<string, string> = {}, more: { method?: string; body?: object } = {}): Promise<Answer> {
  const { method = 'GET', body } = more;
  const response = await fetch(simulator.url + path, {
    method,
    redirect: 'manual',
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text };
  return { status: response.status, headers: response.headers, body: json };
}

const exception = ({ body }: Answer): string | undefined =>
  (body['errors'] as { exceptionName: string | null }[] | undefined)?.[0]?.exceptionName?.split('.').at(-1);

const projects = '/rest/api/latest/projects';
const tokens = '/rest/access-tokens/latest/users/alice';

describe('authentication', () => {
  test('takes a user token as Bearer and as password, and names its owner in every answer', async () => {
    for (const authorization of [bearer(token), basic(alice, token.secret), basic(alice)]) {
      const answer = await ask(projects, { authorization });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-ausername')).toBe('alice');
      expect(answer.headers.get('x-auserid')).toBe(String(alice.id));
    }
  });

  test('takes a project token as Bearer only', async () => {
    const own = simulator.state.addToken({ project, name: 'ci', permissions: ['PROJECT_READ', 'REPO_READ'] });
    expect((await ask(`${projects}/APP`, { authorization: bearer(own) })).status).toBe(200);
    expect((await ask(`${projects}/APP`, { authorization: basic(alice, own.secret) })).status).toBe(401);
  });

  test('tells no credentials, wrong ones, too few rights and the invisible apart', async () => {
    simulator.state.addRepo({ project: simulator.state.addProject({ key: 'SECRET' }), name: 'plans' });
    const authorization = bearer(token);
    const none = await ask(projects);
    const wrong = await ask(projects, { authorization: 'Bearer canary-of-nobody' });
    const tooFew = await ask(`${projects}/APP/permissions/users`, { authorization });
    const invisible = await ask(`${projects}/SECRET`, { authorization });
    expect([none, wrong, tooFew, invisible].map((answer) => [answer.status, exception(answer)])).toEqual([
      [401, 'AuthenticationRequiredException'],
      [401, 'IncorrectPasswordAuthenticationException'],
      [401, 'AuthorisationException'],
      [404, 'NoSuchProjectException'],
    ]);
    expect(wrong.headers.get('x-ausername')).toBeNull();
    expect(tooFew.headers.get('x-ausername')).toBe('alice');
  });

  test('refuses a bad token even where none is needed', async () => {
    expect((await ask('/rest/api/latest/application-properties')).body).toMatchObject({ version: '10.4.3', buildNumber: '10004003' });
    expect((await ask('/rest/api/latest/application-properties', { authorization: 'Bearer x' })).status).toBe(401);
  });

  test('forgets an expired token', async () => {
    const brief = simulator.state.addToken({ user: alice, name: 'brief', permissions: ['REPO_READ'], expiryDays: 1 });
    expect((await ask(projects, { authorization: bearer(brief) })).status).toBe(200);
    now += 86_400_000;
    expect((await ask(projects, { authorization: bearer(brief) })).status).toBe(401);
  });

  test('answers whoami with a name, or with nothing', async () => {
    expect((await ask('/plugins/servlet/applinks/whoami', { authorization: bearer(token) })).body).toEqual({ text: 'alice' });
    expect(await ask('/plugins/servlet/applinks/whoami')).toMatchObject({ status: 200, body: { text: '' } });
  });
});

describe('what a token may do', () => {
  test('ends at its own permissions and at those of its owner', async () => {
    const wide = simulator.state.addToken({ user: admin, name: 'wide', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
    const create = { method: 'POST', body: { key: 'NEW', name: 'New' } };
    expect((await ask(projects, { authorization: bearer(wide) }, create)).status).toBe(401);
    expect((await ask(projects, { authorization: basic(admin) }, create)).status).toBe(201);
    const strong = simulator.state.addToken({ user: alice, name: 'strong', permissions: ['REPO_ADMIN'] });
    expect((await ask(`${projects}/APP/repos/shop/permissions/users`, { authorization: bearer(strong) })).status).toBe(401);
  });

  test('covers one project or one repository for tokens of those', async () => {
    const { state } = simulator;
    const other = state.addRepo({ project, name: 'other' });
    const own = state.addToken({ repo, name: 'ci', permissions: ['REPO_READ'] });
    expect((await ask(`${projects}/APP/repos/shop`, { authorization: bearer(own) })).status).toBe(200);
    expect((await ask(`${projects}/APP/repos/${other.slug}`, { authorization: bearer(own) })).status).toBe(404);
  });
});

describe('access tokens', () => {
  const request = { name: 'backup', permissions: ['PROJECT_READ', 'REPO_READ'], expiryDays: 90 };

  test('are created by their user in a session, and show the secret once', async () => {
    const made = await ask(tokens, session(), { method: 'PUT', body: request });
    expect(made).toMatchObject({ status: 200, body: { name: 'backup', createdDate: now, expiryDate: now + 90 * 86_400_000 } });
    const secret = String(made.body['token']);
    const id = String(made.body['id']);
    expect(secret).toMatch(/^BBDC-[A-Za-z0-9+/]{44}$/);
    expect(Buffer.from(secret.slice(5), 'base64').toString('latin1').startsWith(`${id}:`)).toBe(true);
    expect((await ask(`${tokens}/${id}`, session())).body).not.toHaveProperty('token');
    expect((await ask(projects, { authorization: `Bearer ${secret}` })).status).toBe(200);
  });

  test('cannot be managed with a token, nor created by an administrator for someone else', async () => {
    const create = { method: 'PUT', body: request };
    expect((await ask(tokens, { authorization: bearer(token) }, create)).status).toBe(401);
    expect((await ask(tokens, { authorization: bearer(token) })).status).toBe(401);
    expect((await ask(tokens, { authorization: basic(admin) }, create)).status).toBe(401);
    expect((await ask(tokens, { authorization: basic(admin) })).status).toBe(200);
  });

  test('are refused without a name, without permissions, with unknown ones, or beyond the maximum', async () => {
    const statuses = [];
    for (const body of [{ permissions: ['REPO_READ'] }, { name: 'x', permissions: [] }, { name: 'x', permissions: ['ADMIN'] }]) {
      statuses.push((await ask(tokens, session(), { method: 'PUT', body })).status);
    }
    simulator.state.maxTokens = 1;
    statuses.push((await ask(tokens, session(), { method: 'PUT', body: request })).status);
    expect(statuses).toEqual([400, 400, 400, 400]);
  });

  test('are gone after DELETE, and an unknown one has no error list', async () => {
    expect((await ask(`${tokens}/${token.id}`, session(), { method: 'DELETE' })).status).toBe(204);
    const gone = await ask(`${tokens}/${token.id}`, session());
    expect([gone.status, gone.body['errors']]).toEqual([404, undefined]);
    expect((await ask(projects, { authorization: bearer(token) })).status).toBe(401);
  });

  test('are not created for a foreign page that rides on the session', async () => {
    const foreign = await ask(tokens, { ...session(), origin: 'http://evil.example' }, { method: 'PUT', body: request });
    expect(foreign.status).toBe(403);
  });
});

describe('answers', () => {
  test('come in pages smaller than asked, with the next start only when there is one', async () => {
    for (const name of ['a', 'b']) simulator.state.grant(alice, 'REPO_READ', simulator.state.addRepo({ project, name }));
    const first = await ask(`${projects}/APP/repos?limit=1000`, { authorization: bearer(token) });
    expect(first.body).toMatchObject({ size: 2, limit: 2, start: 0, isLastPage: false, nextPageStart: 2 });
    const last = await ask(`${projects}/APP/repos?limit=1000&start=2`, { authorization: bearer(token) });
    expect(last.body).toMatchObject({ size: 1, isLastPage: true });
    expect(last.body).not.toHaveProperty('nextPageStart');
  });

  test('send a renamed or moved repository to its new address', async () => {
    simulator.state.moveRepo(repo, { name: 'Store' });
    const answer = await ask(`${projects}/app/repos/shop/branches?limit=1`, { authorization: bearer(token) });
    expect(answer.status).toBe(307);
    expect(answer.headers.get('location')).toBe(`${simulator.url}${projects}/APP/repos/store/branches?limit=1`);
  });

  test('send a project under its former key to the new one, and its repositories too', async () => {
    simulator.state.rekeyProject(project, 'NEXT');
    for (const path of [`${projects}/APP/repos`, `${projects}/APP/repos/shop`]) {
      const answer = await ask(path, { authorization: bearer(token) });
      expect([answer.status, answer.headers.get('location')]).toEqual([307, simulator.url + path.replace('APP', 'NEXT')]);
    }
  });

  test('have no error list for an unknown route, and no body for a type it cannot give', async () => {
    const authorization = bearer(token);
    expect(await ask('/rest/api/latest/nothing', { authorization })).toMatchObject({
      status: 404,
      body: { message: 'HTTP 404 Not Found', 'status-code': 404, 'sub-code': -1 },
    });
    const xml = await ask(projects, { authorization, accept: 'application/xml' });
    expect([xml.status, xml.body]).toEqual([406, { text: '' }]);
  });

  test('say 404 for the default branch of a new repository, until someone chooses one', async () => {
    const path = `${projects}/APP/repos/shop/default-branch`;
    expect((await ask(path, { authorization: bearer(token) })).status).toBe(404);
    await ask(path, { authorization: basic(admin) }, { method: 'PUT', body: { id: 'refs/heads/trunk' } });
    expect((await ask(path, { authorization: bearer(token) })).body).toMatchObject({ displayId: 'trunk' });
    expect((await ask(`${projects}/APP/repos/shop/branches/default`, { authorization: bearer(token) })).status).toBe(204);
  });
});

describe('what a repository is configured with', () => {
  test('is kept as it was put, and taken away by its id', async () => {
    const path = '/rest/branch-permissions/latest/projects/APP/repos/shop/restrictions';
    const matcher = { id: 'any', type: { id: 'ANY_REF' } };
    const authorization = basic(admin);
    const made = await ask(path, { authorization }, { method: 'POST', body: { type: 'no-deletes', matcher, users: ['alice'] } });
    expect((await ask(path, { authorization })).body).toMatchObject({
      size: 1,
      values: [{ type: 'no-deletes', users: [{ name: 'alice' }] }],
    });
    expect((await ask(path, { authorization: bearer(token) })).status).toBe(401);
    expect((await ask(`${path}/${String(made.body['id'])}`, { authorization }, { method: 'DELETE' })).status).toBe(204);
    expect(repo.settings.get('restrictions')).toEqual([]);
  });
});

describe('rate limits', () => {
  const settings = '/rest/api/latest/admin/rate-limit/settings';

  test('count a user, not a token, and leave browser sessions alone', async () => {
    const second = simulator.state.addToken({ user: alice, name: 'second', permissions: ['REPO_READ'] });
    await ask(
      settings,
      { authorization: basic(admin) },
      { method: 'PUT', body: { enabled: true, defaultSettings: { capacity: 2, fillRate: 1 } } },
    );
    const statuses = [];
    for (const of of [token, second, token]) statuses.push((await ask(projects, { authorization: bearer(of) })).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await ask(projects, { authorization: bearer(second) });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await ask(projects, session())).status).toBe(200);
    now += 1000;
    expect((await ask(projects, { authorization: bearer(second) })).status).toBe(200);
  });

  test('can be lifted for a user, who may read them', async () => {
    simulator.limits.enabled = true;
    simulator.limits.defaults.capacity = 1;
    await ask(`${settings}/users/alice`, { authorization: basic(admin) }, { method: 'PUT', body: { whitelisted: true } });
    const answers = [];
    for (let turn = 0; turn < 3; turn += 1) answers.push((await ask(`${settings}/users/alice`, { authorization: bearer(token) })).status);
    expect(answers).toEqual([200, 200, 200]);
  });
});
