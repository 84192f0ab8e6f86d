import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Token } from '../bitbucket/model.ts';
import { mintTokenSecret } from '../bitbucket/token-secret.ts';
import { command, startAgent, type AgentProcess } from '../command-line.ts';
import { listening, type Listening } from '../listening.ts';
import { stateOf } from '../home-state.ts';
import { prepare, type Prepared } from './prepared-home.ts';
import { expectRefusal, type Refusal } from './refusal.ts';

/** Tokens that are wrong in every way, offered by command line: each is refused in words, and none is kept. */
let world: Prepared;
let alone: string;
let served: string;
let agent: AgentProcess;
let stranger: Token;
let expired: Token;
let noGit: Token;

beforeAll(async () => {
  world = await prepare();
  const { state } = world.bitbucket;
  const ben = state.addUser({ name: 'ben' });
  const eve = state.addUser({ name: 'eve' });
  state.grant(eve, 'PROJECT_READ', state.addProject({ key: 'BARN' }));
  stranger = state.addToken({ user: ben, name: 'stranger', permissions: ['PROJECT_READ', 'REPO_READ'] });
  expired = state.addToken({ user: world.jane, name: 'expired', permissions: ['PROJECT_READ', 'REPO_READ'], expiryDays: -1 });
  noGit = state.addToken({ user: eve, name: 'elsewhere', permissions: ['PROJECT_READ', 'REPO_READ'] });
  [alone, served] = [world.home(), world.home()];
  agent = await startAgent(served);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

type Case = readonly [what: string, token: () => string, refusal: Omit<Refusal, 'args'>, project?: string];

const cases: Case[] = [
  ['a password', () => 'hunter2', { code: 'token-malformed', says: 'not an HTTP access token', remedy: '44 characters' }],
  [
    'half a token',
    () => world.token.secret.slice(0, 30),
    { code: 'token-malformed', says: 'not an HTTP access token', remedy: '44 characters' },
  ],
  [
    'two tokens at once',
    () => `${world.token.secret}\n${world.token.secret}`,
    { code: 'token-malformed', says: 'not an HTTP access token', remedy: '44 characters' },
  ],
  ['a whole file', () => 'x'.repeat(100_000), { code: 'token-malformed', says: 'not an HTTP access token', remedy: '44 characters' }],
  ['a token nobody issued', () => mintTokenSecret('10.4.3').secret, { code: 'token-rejected', says: '127.0.0.1', remedy: /token/ }],
  [
    'an expired token',
    () => expired.secret,
    { code: 'token-rejected', says: /127\.0\.0\.1.*(?:wrong|expired|revoked)/, remedy: /new token/ },
  ],
  [
    'a token of somebody who sees nothing',
    () => stranger.secret,
    { code: 'token-no-read', says: 'ben sees no project', remedy: 'Repository read' },
  ],
  ['a token that does not see the project', () => noGit.secret, { code: 'token-no-read', says: 'ORCH', remedy: /read/ }, 'ORCH'],
  ['a token for an unknown project', () => world.token.secret, { code: 'not-found', says: 'BARN', remedy: 'project add' }, 'BARN'],
];

const adding = (project?: string) => ['credential', 'add', '--token-stdin', ...(project === undefined ? [] : ['--project', project])];

describe.each([
  // A home each: commands without an agent wait for each other, and not for ever.
  ['without an agent', () => world.home()],
  ['with an agent', () => served],
])('%s', (_, home) => {
  test.concurrent.each(cases.map(([what, text, refusal, more]) => [what, text, refusal, more] as const))(
    '%s is refused',
    async (_what, token, refusal, project) => {
      await expectRefusal(home(), { ...refusal, args: adding(project), options: { input: token() } });
    },
  );
});

test('the same token again is said to be known, and stored once', async () => {
  const { stdout, exitCode } = await command(alone, adding(), { input: `  ${world.token.secret}\n` });
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`already stored: ${world.credentialId}`);
});

test('a token of a project is stored without an owner', async () => {
  const home = world.home();
  const token = world.bitbucket.state.addToken({ project: world.orchard, name: 'pipeline', permissions: ['PROJECT_READ', 'REPO_READ'] });
  const { stdout } = await command(home, adding(), { input: token.secret });
  expect(stdout).toMatch(/^stored: .* a project or repository token; sees 1 repository in 1 project/);
});

test('a token that lists repositories git may not read is refused', async () => {
  using fault = disposable(world.bitbucket.faults.add({ kind: 'unavailable', status: 403 }, { git: 'advertise' }));
  expect(fault).toBeDefined();
  await expectRefusal(alone, {
    args: adding(),
    options: { input: world.token.secret },
    code: 'token-no-read',
    says: 'git refuses',
    remedy: 'Repository read',
  });
});

describe('a server that sends elsewhere what was meant for it', () => {
  let elsewhere: Listening;
  beforeAll(async () => (elsewhere = await listening((_, response) => response.writeHead(401).end())));
  afterAll(async () => elsewhere[Symbol.asyncDispose]());

  test.each([301, 302, 303, 307, 308])('gets %s answered by a refusal, and the token is not told', async (status) => {
    using fault = disposable(world.bitbucket.faults.add({ kind: 'redirect', to: `${elsewhere.url}/`, status }, { path: /^\/rest\// }));
    expect(fault).toBeDefined();
    await expectRefusal(alone, {
      args: adding(),
      options: { input: world.token.secret },
      code: 'server-redirects',
      says: elsewhere.url,
      remedy: /right address/,
    });
    expect(elsewhere.heard).toEqual([]);
  });

  test('does not get git to follow either: the run fails, names it, and the token is not told', async () => {
    const home = world.home();
    using fault = disposable(world.bitbucket.faults.add({ kind: 'redirect', to: `${elsewhere.url}/` }, { path: /^\/scm\// }));
    expect(fault).toBeDefined();
    const { exitCode, stdout } = await command(home, ['run', 'nightly', '--wait']);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/ORCH\/core +failed +.*redirects/);
    expect(elsewhere.heard).toEqual([]);
  });
});

test('a plan whose project has no credential says what is missing', async () => {
  const home = world.home();
  await world.done(home, ['credential', 'remove', world.credentialId]);
  // A run leaves its record, and the upkeep after it what it found.
  const written = ['runs', 'jobs', 'meta', 'upkeep'];
  const before = stateOf(home, written);
  const { exitCode, stdout } = await command(home, ['run', 'nightly', '--wait']);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/! .*ORCH.* – .*credential/);
  expect(stateOf(home, written)).toEqual(before);
});

const disposable = (fault: { remove(): void }): Disposable => ({ [Symbol.dispose]: () => fault.remove() });
