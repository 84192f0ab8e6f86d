import { dispatch } from '@gitprotect/agent/channel/dispatch';
import { handlersOf } from '@gitprotect/agent/handlers-of';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '@gitprotect/shared/plan';
import type { Token } from '../bitbucket/model.ts';
import { World } from '../world.ts';

let world: World;
let plan: Plan;
let serverId: string;
let projectId: string;
/** The project's own, and an additional one of another user. */
let own: Token;
let additional: Token;

beforeAll(async () => {
  world = await World.start();
  for (const name of ['apple', 'pear']) world.addRepo(name);
  own = world.addReader('jane');
  additional = world.addReader('ben');
  plan = await world.plan([own, additional]);
  [projectId = ''] = plan.projectIds;
  serverId = (await of(own)).serverId;
});
afterAll(async () => world[Symbol.asyncDispose]());

const credentials = () => world.call('credential.list', {});
const of = async (token: Token) => {
  const found = (await credentials()).find(({ tokenId }) => tokenId === token.id);
  if (found === undefined) throw new Error(`no credential has the token ${token.name}`);
  return found;
};
/** Another token of the user that `token` is of. */
const next = (token: Token, name = `${token.name}, renewed`): Token =>
  world.bitbucket.state.addToken({ user: token.actsAs, name, permissions: ['PROJECT_READ', 'REPO_READ'], expiryDays: 90 });
const toggles = async () => (await world.call('plan.list', {})).find(({ id }) => id === plan.id)?.additional;
const allSecrets = async () => Promise.all((await world.app.vault.ids()).map(async (id) => (await world.app.vault.get(id))?.reveal()));

describe('a renewed credential', () => {
  test('keeps its place as the project’s own and every toggle, and its old secret is gone', async () => {
    for (const token of [own, additional]) {
      const before = await of(token);
      const successor = next(token);
      const renewed = await world.call('credential.renew', {
        id: before.id,
        token: ` ${successor.secret}\n`,
        name: successor.name,
        expiresAt: new Date(successor.expiryDate ?? 0).toISOString(),
      });
      expect(renewed).toMatchObject({ sees: { projects: 1, repos: 2 }, plans: [{ id: plan.id, enabled: true }] });
      const after = await of(successor);
      expect(after).toMatchObject({ id: before.id, name: successor.name, attachments: before.attachments, plans: before.plans });
      const secrets = await allSecrets();
      expect(secrets).toContain(successor.secret);
      expect(secrets).not.toContain(token.secret);
      world.bitbucket.state.revokeToken(token);
      if (token === own) own = successor;
      else additional = successor;
    }
    expect(await toggles()).toEqual({ enabled: true, credentialIds: [(await of(additional)).id] });
    expect((await of(own)).attachments).toMatchObject([{ own: true }]);
    expect((await of(additional)).attachments).toMatchObject([{ own: false }]);
    expect((await world.run(plan)).state).toBe('succeeded');
  });

  test('goes on in the middle of a run', async () => {
    const successor = next(own);
    const { id } = await of(own);
    let renewing: Promise<unknown> | undefined;
    const stop = world.app.events.subscribe(({ name, body }) => {
      if (name !== 'run.progress' || body.job?.phase !== 'running') return;
      stop();
      renewing = world.call('credential.renew', { id, token: successor.secret });
    });
    await world.call('plan.edit', { id: plan.id, changes: { additional: { enabled: false, credentialIds: [(await of(additional)).id] } } });
    const { state } = await world.run(plan);
    await renewing;
    await world.call('plan.edit', { id: plan.id, changes: { additional: { enabled: true, credentialIds: [(await of(additional)).id] } } });
    expect(state).toBe('succeeded');
    expect(await of(successor)).toMatchObject({ id });
    own = successor;
  });

  test('takes over a token that was added as a credential of its own, and what that was used for', async () => {
    const { id } = await of(additional);
    const successor = next(additional);
    const added = await world.call('credential.add', { serverId, token: successor.secret, projectIds: [projectId] });
    await world.call('plan.edit', { id: plan.id, changes: { additional: { enabled: true, credentialIds: [added.credential.id] } } });
    await world.call('credential.renew', { id, token: successor.secret });
    expect(await credentials()).toHaveLength(2);
    expect(await toggles()).toEqual({ enabled: true, credentialIds: [id] });
    expect((await allSecrets()).filter((secret) => secret === successor.secret)).toHaveLength(1);
    additional = successor;
  });

  test.each([
    ['the token it has', () => own, 'already-exists'],
    ['another user’s token', () => next(additional), 'token-wrong-owner'],
    [
      'a token that is wrong',
      () => ({ secret: Buffer.from('123456789012:CANARYCANARYCANARYXX').toString('base64').slice(0, 44) }),
      'token-rejected',
    ],
  ])('is as it was after %s was given', async (_, token, code) => {
    const before = await of(own);
    await expect(world.call('credential.renew', { id: before.id, token: token().secret })).rejects.toMatchObject({ code });
    expect(await of(own)).toEqual(before);
    expect(await allSecrets()).toContain(own.secret);
  });

  test('passes to another owner when somebody says so, and not when that one cannot read what the old one could', async () => {
    const { id } = await of(additional);
    const stranger = world.bitbucket.state.addUser({ name: 'eve' });
    world.bitbucket.state.grant(stranger, 'PROJECT_READ', world.bitbucket.state.addProject({ key: 'OTHER' }));
    const blind = world.bitbucket.state.addToken({ user: stranger, name: 'blind', permissions: ['PROJECT_READ', 'REPO_READ'] });
    await expect(world.call('credential.renew', { id, token: blind.secret, anotherOwner: true })).rejects.toMatchObject({
      code: 'token-no-read',
      message: expect.stringContaining('PROOF'),
    });
    const willing = world.addReader('carl');
    await world.call('credential.renew', { id, token: willing.secret, anotherOwner: true });
    expect(await of(willing)).toMatchObject({ id, owner: { slug: 'carl' }, plans: [{ id: plan.id }] });
    additional = willing;
  });

  test('can be one of the page’s own server only, whatever the page says', async () => {
    const calls = handlersOf(world.app, { port: () => null, stop: () => undefined, signal: new AbortController().signal });
    const { id } = await of(own);
    const successor = next(own);
    const params = { credentialId: id, token: successor.secret };
    const page = (url: string) => ({ kind: 'page', url: `${url}/plugins/servlet/access-tokens/manage` }) as const;
    await expect(dispatch(calls, 'page.credential.renew', params, page('http://127.0.0.1:1'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(
      dispatch(calls, 'page.credential.renew', { ...params, anotherOwner: true }, page(world.bitbucket.url)),
    ).rejects.toMatchObject({ code: 'bad-request' });
    await expect(
      dispatch(calls, 'page.credential.renew', { credentialId: id, token: additional.secret }, page(world.bitbucket.url)),
    ).rejects.toMatchObject({ code: 'token-wrong-owner' });
    const renewed = await dispatch(calls, 'page.credential.renew', params, page(world.bitbucket.url));
    expect(JSON.stringify(renewed)).not.toContain(params.token);
    expect(await credentials()).toHaveLength(2);
    own = successor;
  });
});

describe('the daily look', () => {
  const day = 86_400_000;
  const { signal } = new AbortController();
  /** A look a day later; answers how many requests it took. */
  const tomorrow = async (): Promise<number> => {
    world.clock.move(day);
    world.bitbucket.requests.length = 0;
    await world.app.lookAtCredentials(signal);
    return world.bitbucket.requests.length;
  };
  const needs = async () => (await world.call('agent.status', {})).needs.filter(({ route }) => route?.startsWith('bitbucket'));

  test('is one request for each credential, and none on the same day', async () => {
    expect(await tomorrow()).toBe(2);
    world.bitbucket.requests.length = 0;
    await world.app.lookAtCredentials(signal);
    expect(world.bitbucket.requests).toEqual([]);
    expect(await needs()).toEqual([]);
  });

  test('finds an owner under the new name, with the bucket, for all tokens at once', async () => {
    const second = next(own, 'a second one');
    await world.call('credential.add', { serverId, token: second.secret });
    world.bitbucket.state.renameUser(own.actsAs, 'jane.doe');
    await tomorrow();
    expect(await of(own)).toMatchObject({
      owner: { slug: 'jane.doe' },
      health: { state: 'healthy', message: 'its owner is called jane.doe now, before jane' },
    });
    expect(await of(second)).toMatchObject({ owner: { slug: 'jane.doe' } });
    expect((await world.run(plan)).state).toBe('succeeded');
    await world.call('credential.remove', { id: (await of(second)).id });
  });

  test('tells a deactivated owner from a revoked token, each with its cure, and notices when all is well again', async () => {
    const { state } = world.bitbucket;
    const { id } = await of(additional);
    additional.actsAs.active = false;
    await tomorrow();
    expect(await of(additional)).toMatchObject({ health: { state: 'rejected', cause: 'owner-deactivated' } });
    expect(await needs()).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/carl: its owner carl \(carl\) is deactivated/),
        remedy: expect.stringContaining('--another-owner'),
      }),
    );
    additional.actsAs.active = true;
    await tomorrow();
    expect((await of(additional)).health).toMatchObject({ state: 'healthy', message: null });
    state.revokeToken(additional);
    await tomorrow();
    expect((await of(additional)).health).toMatchObject({ state: 'rejected', message: 'was revoked in Bitbucket, or has expired' });
    expect(await needs()).toContainEqual(expect.objectContaining({ remedy: expect.stringContaining(`credential renew ${id}`) }));
    const successor = next(additional);
    await world.call('credential.renew', { id, token: successor.secret });
    expect(await needs()).toEqual([]);
    additional = successor;
  });

  test('leaves a throttled user and a silent server alone, and comes back to them', async () => {
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 120 }, { user: own.actsAs.name, times: 1 });
    await tomorrow();
    expect((await of(own)).health.state).toBe('throttled');
    world.clock.move(121_000);
    world.bitbucket.requests.length = 0;
    await world.app.lookAtCredentials(signal);
    expect(world.bitbucket.requests).toHaveLength(1);
    expect((await of(own)).health.state).toBe('healthy');

    const silence = world.bitbucket.faults.add({ kind: 'unavailable' }, {});
    const tries = await tomorrow();
    await world.app.lookAtCredentials(signal);
    expect(world.bitbucket.requests).toHaveLength(tries);
    silence.remove();
    world.clock.move(3_700_000);
    await world.app.lookAtCredentials(signal);
    expect(world.bitbucket.requests).toHaveLength(tries + 2);
    expect((await of(own)).health.state).toBe('healthy');
  });
});

describe('between two looks', () => {
  const coverage = () => world.call('project.coverage', { id: projectId });
  const news = async () => (await world.call('project.list', {})).flatMap((project) => project.news ?? []).map(({ message }) => message);

  test('a new repo and a lost right are told by the run, and fail it only where nobody is left', async () => {
    const { state } = world.bitbucket;
    const plum = world.addRepo('plum');
    const noticed = await world.run(plan);
    expect(noticed).toMatchObject({ state: 'succeeded', repos: 3, notices: ['PROOF/plum is new'] });
    expect((await world.run(plan)).notices).toBeUndefined();

    // Rights on single repos in place of those on the project: plum is left to nobody else than the project's own.
    const { name } = await of(additional);
    const apple = state.repos.find(({ slug }) => slug === 'apple') ?? plum;
    state.revoke(additional.actsAs, world.project);
    state.grant(additional.actsAs, 'REPO_READ', apple);
    const lost = await world.run(plan);
    expect(lost).toMatchObject({ state: 'succeeded', notices: [`“${name}” no longer sees PROOF/pear, PROOF/plum`] });
    const { accounts, repos } = await coverage();
    expect(accounts.map(({ inUse }) => inUse)).toEqual([true, true]);
    const ids = [(await of(own)).id, (await of(additional)).id];
    expect(repos.map(({ slug, seenBy }) => [slug, seenBy.toSorted()])).toEqual([
      ['apple', ids.toSorted()],
      ['pear', [ids[0]]],
      ['plum', [ids[0]]],
    ]);

    state.revoke(additional.actsAs, apple);
    expect((await world.run(plan)).notices).toEqual([`“${name}” no longer sees the project PROOF`]);
    expect((await coverage()).repos.every(({ seenBy }) => !seenBy.includes(ids[1] ?? ''))).toBe(true);

    state.removeRepo(plum);
    const failed = await world.run(plan);
    expect(failed.state).toBe('partial');
    expect(failed.jobs.find(({ slug }) => slug === 'plum')?.outcome).toMatchObject({
      state: 'failed',
      error: { code: 'not-covered', message: 'PROOF/plum: no enabled account sees it any more' },
    });
    expect((await news()).slice(0, 2)).toEqual([
      expect.stringMatching(/no longer sees PROOF\/plum$/),
      `“${name}” no longer sees the project PROOF`,
    ]);
  }, 60_000);

  test('what only an account sees that the plan does not use is missed by the plan', async () => {
    const { state } = world.bitbucket;
    state.grant(additional.actsAs, 'PROJECT_READ', world.project);
    const pear = state.repos.find(({ slug }) => slug === 'pear');
    if (pear === undefined) throw new Error('there is no pear');
    await world.call('credential.test', { id: (await of(additional)).id });
    expect((await news())[0]).toMatch(/now sees PROOF\/apple, PROOF\/pear/);
    state.revoke(own.actsAs, world.project);
    state.grant(own.actsAs, 'REPO_READ', state.repos.find(({ slug }) => slug === 'apple') ?? pear);
    await world.call('credential.test', { id: (await of(own)).id });
    await world.call('plan.edit', { id: plan.id, changes: { additional: { enabled: false, credentialIds: [] } } });
    const [view] = await world.call('plan.list', {});
    expect(view?.warnings).toContain('no enabled account sees PROOF/pear');
    expect((await coverage()).accounts.find(({ credentialId }) => credentialId !== view?.accounts[0]?.credentialId)?.inUse).toBe(false);
  }, 60_000);
});
