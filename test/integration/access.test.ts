import { beforeEach, afterEach, describe, expect, test } from 'vitest';
import { listRepos } from '@gitprotect/agent/bitbucket/repos';
import { lookAgain } from '@gitprotect/agent/credentials/coverage';
import { poolCredential } from '@gitprotect/agent/credentials/credential-row';
import { withLease } from '@gitprotect/agent/credentials/with-lease';
import { Secret } from '@gitprotect/agent/lib/secret';
import type { Project, Token, User } from '../bitbucket/model.ts';
import { type AccessWorld, startAccessWorld } from './access-world.ts';

const { signal } = new AbortController();
let world: AccessWorld;
let jane: User;
let ben: User;
let orchard: Project;
let serverId: string;

beforeEach(async () => {
  world = await startAccessWorld({ pageLimit: 2 });
  const { state, url } = world.bitbucket;
  jane = state.addUser({ name: 'jane@example.com', displayName: 'Jane Doe' });
  ben = state.addUser({ name: 'ben' });
  orchard = state.addProject({ key: 'ORCH', name: 'Orchard' });
  for (const name of ['apple', 'pear', 'plum', 'quince', 'fig']) state.addRepo({ project: orchard, name });
  state.grant(jane, 'PROJECT_READ', orchard);
  ({ id: serverId } = await world.servers.add({ url }));
});
afterEach(async () => world[Symbol.asyncDispose]());

const tokenOf = (user: User, more: { permissions?: Token['permissions']; expiryDays?: number } = {}): Token =>
  world.bitbucket.state.addToken({ user, name: `canary of ${user.name}`, permissions: ['PROJECT_READ', 'REPO_READ'], ...more });

const add = (token: { secret: string }, more: { projectIds?: string[]; expiresAt?: string } = {}) =>
  world.credentials.add({ serverId, token: new Secret(token.secret), ...more });

const nothingStored = async () => {
  expect(await world.credentials.list()).toEqual([]);
  expect(await world.vault.ids()).toEqual([]);
  expect(await world.db.selectFrom('meta').selectAll().execute()).toEqual([]);
};

describe('adding a token', () => {
  test('stores whose it is, what it sees, and its secret in the vault alone', async () => {
    const project = await world.projects.add({ serverId, key: 'orch' });
    expect(project).toMatchObject({ key: 'ORCH', name: null, warnings: [expect.stringContaining('No credential sees it yet')] });
    const token = tokenOf(jane);
    const { credential, known, sees } = await add(token);
    expect(known).toBe(false);
    expect(sees).toEqual({ projects: 1, repos: 5 });
    expect(credential).toMatchObject({
      kind: 'user',
      tokenId: token.id,
      owner: { name: 'jane@example.com', slug: 'jane_example.com', displayName: 'Jane Doe' },
      health: { state: 'healthy' },
      attachments: [{ projectId: project.id, own: true, sees: 5, of: 5 }],
    });
    expect((await world.vault.get(credential.id))?.reveal()).toBe(token.secret);
    for (const table of ['credentials', 'meta', 'attachments', 'repos'] as const) {
      expect(JSON.stringify(await world.db.selectFrom(table).selectAll().execute())).not.toContain(token.secret);
    }
    expect(await world.projects.get(project.id)).toMatchObject({ name: 'Orchard', warnings: [] });
  });

  test('twice stores it once', async () => {
    const token = tokenOf(jane);
    const both = await Promise.all([add(token), add(token)]);
    expect(both.map(({ known }) => known)).toEqual([false, true]);
    expect(await world.credentials.list()).toHaveLength(1);
    expect(await world.vault.ids()).toHaveLength(1);
  });

  test.each([
    ['is no token at all', () => ({ secret: 'hunter2' }), 'token-malformed'],
    ['is wrong', () => ({ secret: Buffer.from('123456789012:CANARYCANARYCANARYXX').toString('base64').slice(0, 44) }), 'token-rejected'],
    ['sees no project', () => tokenOf(ben), 'token-no-read'],
  ])('that %s stores nothing and says so', async (_, token, code) => {
    await expect(add(token())).rejects.toMatchObject({ code });
    await nothingStored();
  });

  test('that has expired says so when its page knew the date, and stores nothing', async () => {
    const token = tokenOf(jane, { expiryDays: 1 });
    const expiresAt = new Date(token.expiryDate ?? 0).toISOString();
    world.clock.move(2 * 86_400_000);
    await expect(add(token, { expiresAt })).rejects.toMatchObject({ code: 'token-expired' });
    await nothingStored();
  });

  test('is refused for a project it cannot read, by name', async () => {
    const { state } = world.bitbucket;
    state.grant(ben, 'PROJECT_READ', state.addProject({ key: 'BARN' }));
    const { id } = await world.projects.add({ serverId, key: 'ORCH' });
    await expect(add(tokenOf(ben), { projectIds: [id] })).rejects.toMatchObject({
      code: 'token-no-read',
      message: expect.stringContaining('ORCH'),
    });
    await nothingStored();
  });

  test('is refused when it lists a repo that git does not let it read', async () => {
    await world.projects.add({ serverId, key: 'ORCH' });
    world.bitbucket.faults.add({ kind: 'unavailable', status: 403 }, { git: 'advertise' });
    await expect(add(tokenOf(jane))).rejects.toMatchObject({ code: 'token-no-read', message: expect.stringContaining('git refuses') });
    await nothingStored();
  });

  test('of a project has no owner', async () => {
    await world.projects.add({ serverId, key: 'ORCH' });
    const token = world.bitbucket.state.addToken({ project: orchard, name: 'canary', permissions: ['PROJECT_READ', 'REPO_READ'] });
    expect((await add(token)).credential).toMatchObject({ kind: 'project', owner: null, attachments: [{ sees: 5 }] });
  });

  test('leaves nothing behind when the database refuses the row', async () => {
    await world.projects.add({ serverId, key: 'ORCH' });
    await world.db.schema.alterTable('attachments').renameTo('elsewhere').execute();
    await expect(add(tokenOf(jane))).rejects.toThrow(/attachments/);
    await world.db.schema.alterTable('elsewhere').renameTo('attachments').execute();
    await nothingStored();
  });
});

describe('the credentials of a project', () => {
  test('are its own first and additional after, and losing the own one promotes none', async () => {
    const { id } = await world.projects.add({ serverId, key: 'ORCH' });
    world.bitbucket.state.grant(ben, 'PROJECT_READ', orchard);
    const own = (await add(tokenOf(jane))).credential;
    const additional = (await add(tokenOf(ben))).credential;
    expect(additional.attachments).toMatchObject([{ own: false }]);
    await world.credentials.remove(own.id);
    expect(await world.vault.ids()).toEqual([additional.id]);
    const left = await world.projects.get(id);
    expect(left.ownCredentialId).toBeNull();
    expect(left.warnings).toEqual([expect.stringContaining('No credential of its own')]);
    expect((await world.credentials.attach(additional.id, [id])).attachments).toMatchObject([{ own: true }]);
  });

  test('are attached to a project added later when they see it', async () => {
    const { credential } = await add(tokenOf(jane));
    expect(credential.attachments).toEqual([]);
    const project = await world.projects.add({ serverId, key: 'orch' });
    expect(project).toMatchObject({ key: 'ORCH', name: 'Orchard', ownCredentialId: credential.id, coverage: { repos: 5, uncovered: [] } });
    expect(await world.projects.available(serverId)).toEqual([{ key: 'ORCH', name: 'Orchard', added: true }]);
  });

  test('tell when one was revoked, and when one no longer sees a project', async () => {
    await world.projects.add({ serverId, key: 'ORCH' });
    const token = tokenOf(jane);
    const { id } = (await add(token)).credential;
    const { state } = world.bitbucket;
    state.grant(jane, 'PROJECT_READ', state.addProject({ key: 'BARN' }));
    state.revoke(jane, orchard);
    expect(await world.credentials.test(id)).toMatchObject({
      health: { state: 'healthy', message: 'cannot read ORCH', cause: 'no-read' },
      attachments: [{ sees: 0, of: 5 }],
    });
    state.revokeToken(token);
    expect(await world.credentials.test(id)).toMatchObject({ health: { state: 'rejected' } });
  });

  test('leave a repo that none of them sees as an error, and find a renamed one again', async () => {
    const { id } = await world.projects.add({ serverId, key: 'ORCH' });
    const { credential } = await add(tokenOf(jane));
    const { state } = world.bitbucket;
    const [apple, pear] = state.repos;
    if (apple === undefined || pear === undefined) throw new Error('no repos');
    state.moveRepo(apple, { name: 'apple tree' });
    state.moveRepo(pear, { project: state.addProject({ key: 'HIDDEN' }) });
    const result = await lookAgain(
      {
        db: world.db,
        client: await world.servers.clientOf(serverId),
        clock: world.clock,
        project: { id, serverId, key: 'ORCH' },
        credentials: [poolCredential(credential)],
        pool: world.pool,
      },
      signal,
    );
    expect(result.uncovered.map(({ slug }) => slug)).toEqual(['pear']);
    expect(result.covered).toContainEqual(expect.objectContaining({ id: apple.id, slug: 'apple-tree', credentialIds: [credential.id] }));
    expect((await world.projects.get(id)).coverage).toMatchObject({ repos: 5, uncovered: ['pear'] });
  });
});

/** Lists the project with whatever the pool lends; who was asked, and how long all were throttled. */
const readThrough = async (projectId: string, credentialIds: string[]) => {
  const client = await world.servers.clientOf(serverId);
  const used: string[] = [];
  const waits: number[] = [];
  const repos = await withLease(
    { serverId, projectId, credentialIds, purpose: 'rest', onWait: (until) => waits.push(until) },
    async (lease) => {
      used.push(lease.credentialId);
      return listRepos(client.as(lease.token), 'ORCH', signal);
    },
    { pool: world.pool, clock: world.clock, signal },
  );
  return { used, waits, repos };
};

describe('throttling', () => {
  test('of one user moves the request to the next, and of all waits for the first to come back', async () => {
    const { id } = await world.projects.add({ serverId, key: 'ORCH' });
    world.bitbucket.state.grant(ben, 'PROJECT_READ', orchard);
    const [a, b] = [(await add(tokenOf(jane))).credential, (await add(tokenOf(ben))).credential];
    const throttled: string[] = [];
    using _listening = world.pool.onThrottle(({ credentialId }) => throttled.push(credentialId));
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 30 }, { user: jane.name, times: 1 });
    const first = await readThrough(id, [a.id, b.id]);
    expect(first.used).toEqual([a.id, b.id]);
    expect(first.repos).toHaveLength(5);
    expect((await world.credentials.get(a.id)).health).toMatchObject({ state: 'throttled' });
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 60 }, { user: ben.name, times: 1 });
    const second = await readThrough(id, [a.id, b.id]);
    expect(second.used).toEqual([b.id, a.id]);
    expect(second.waits).toHaveLength(1);
    expect(throttled).toEqual([a.id, b.id]);
  });

  test('hits two tokens of one user alike: the second is not tried', async () => {
    const { id } = await world.projects.add({ serverId, key: 'ORCH' });
    const [a, b] = [(await add(tokenOf(jane))).credential, (await add(tokenOf(jane))).credential];
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 30 }, { user: jane.name, times: 1 });
    const { used, waits } = await readThrough(id, [a.id, b.id]);
    expect(used).toEqual([a.id, a.id]);
    expect(waits).toHaveLength(1);
  });

  test('does not stop work that needs more requests than the bucket holds', async () => {
    await world.projects.add({ serverId, key: 'ORCH' });
    const { limits } = world.bitbucket;
    limits.enabled = true;
    limits.overrides.set(jane, { settings: { capacity: 2, fillRate: 1 } });
    const { sees } = await add(tokenOf(jane));
    expect(sees.repos).toBe(5);
    const refused = world.bitbucket.requests.filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThan(2);
  }, 10_000);

  test('aside, a revoked token is marked and the job goes on with another; with none left it ends', async () => {
    const { id } = await world.projects.add({ serverId, key: 'ORCH' });
    world.bitbucket.state.grant(ben, 'PROJECT_READ', orchard);
    const [first, second] = [tokenOf(jane), tokenOf(ben)];
    const [a, b] = [(await add(first)).credential, (await add(second)).credential];
    world.bitbucket.state.revokeToken(first);
    expect((await readThrough(id, [a.id, b.id])).used).toEqual([a.id, b.id]);
    expect((await world.credentials.get(a.id)).health.state).toBe('rejected');
    expect((await readThrough(id, [a.id, b.id])).used).toEqual([b.id]);
    world.bitbucket.state.revokeToken(second);
    await expect(readThrough(id, [a.id, b.id])).rejects.toMatchObject({ code: 'token-rejected' });
    await expect(readThrough(id, [a.id, b.id])).rejects.toMatchObject({ code: 'not-covered' });
  });
});
