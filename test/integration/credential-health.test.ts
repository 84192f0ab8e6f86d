import { dispatch } from '@gitprotect/agent/channel/dispatch';
import { handlersOf } from '@gitprotect/agent/session';
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
    const params = { credentialId: id, token: next(own).secret };
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
  });
});
