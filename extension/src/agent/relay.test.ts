import { type Caller, methods } from '@gitprotect/shared/protocol';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { LocalMethod } from './messages.ts';
import { type LocalHandler, relay } from './relay.ts';

const self = { id: 'ours', root: 'chrome-extension://ours/' };
const content = { id: 'ours', url: 'https://git.example.com/x', origin: 'https://git.example.com', frameId: 0, tab: {} };
const management = { id: 'ours', url: 'chrome-extension://ours/management.html' };
const canary = 'CANARY-token';

/** A relay before an agent that notes what reaches it. */
function door() {
  const reached: { method: string; params: unknown; from: Caller }[] = [];
  const locally: LocalHandler = { params: v.looseObject({}), answer: (params, from) => Promise.resolve({ params, from }) };
  const names = [
    'connection',
    'pair',
    'unpair',
    'sites',
    'enableSite',
    'disableSite',
    'page.site',
    'page.open',
  ] as const satisfies readonly LocalMethod[];
  const local = Object.fromEntries(names.map((name) => [name, locally])) as Record<LocalMethod, LocalHandler>;
  const answer = relay({
    self,
    sites: () => Promise.resolve(['https://git.example.com']),
    call: (method, params, from) => {
      reached.push({ method, params, from });
      return method === 'plan.list' ? Promise.reject(new Error('secret detail')) : Promise.resolve({ done: true });
    },
    local,
  });
  const ask = (method: string, params: unknown, sender: object = content) => answer({ to: 'gitprotect', method, params }, sender);
  return { reached, ask, answer, names };
}

describe('the relay', () => {
  test('passes a page’s call on with the page’s own address, whatever the message says', async () => {
    const { ask, answer, reached } = door();
    expect(await ask('page.state', {})).toEqual({ ok: true, result: { done: true } });
    await answer({ to: 'gitprotect', method: 'page.state', params: {}, from: { kind: 'management' }, url: 'https://evil/' }, content);
    expect(reached.map(({ from }) => from)).toEqual([
      { kind: 'page', url: content.url },
      { kind: 'page', url: content.url },
    ]);
  });

  test('lets a page make no call that is not for pages', async () => {
    const { ask, reached } = door();
    for (const [method, { from }] of Object.entries(methods)) {
      if (from.some((kind) => kind === 'page')) continue;
      expect(await ask(method, {})).toMatchObject({ ok: false, error: { code: 'not-allowed' } });
    }
    expect(reached).toEqual([]);
  });

  test('lets a page use nothing of the background’s own but its site and the way to our pages', async () => {
    const { ask, names } = door();
    const open: string[] = [];
    for (const name of names) if ((await ask(name, {}))?.ok) open.push(name);
    expect(open).toEqual(['page.site', 'page.open']);
  });

  test('lets no page of ours do what is for the command line', async () => {
    const { ask, reached } = door();
    for (const method of ['pairing.open', 'vault.unlock', 'recovery-key.print', 'recovery-key.use', 'agent.stop', 'restore.to-folder'])
      expect(await ask(method, {}, management)).toMatchObject({ ok: false, error: { code: 'not-allowed' } });
    expect(reached).toEqual([]);
  });

  test('refuses strangers before anything else', async () => {
    const { ask, reached } = door();
    for (const sender of [
      { ...content, id: 'theirs' },
      { ...content, frameId: 2 },
      { ...content, url: 'https://evil.example/', origin: 'https://evil.example' },
      {},
    ])
      expect(await ask('page.credential.add', { token: canary }, sender)).toMatchObject({ ok: false, error: { code: 'not-allowed' } });
    expect(reached).toEqual([]);
  });

  test('refuses what does not fit the call, without repeating a secret', async () => {
    const { ask, reached } = door();
    const answers = [
      await ask('page.credential.add', { token: canary, serverId: 'x' }),
      await ask('page.credential.add', { token: [canary] }),
      await ask('page.credential.add', { token: canary.repeat(100) }),
      await ask('page.credential.enable', { credentialId: '../x', planIds: [] }),
      await ask('no.such.call', {}, management),
      await ask('constructor', {}, management),
      await ask('__proto__', {}, management),
    ];
    expect(answers.map((answer) => answer?.ok === false && answer.error.code)).toEqual(answers.map(() => 'bad-request'));
    expect(JSON.stringify(answers)).not.toContain(canary);
    expect(reached).toEqual([]);
  });

  test('answers errors as values, with nothing of what went wrong inside', async () => {
    const { ask } = door();
    const answer = await ask('plan.list', {}, management);
    expect(answer).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(JSON.stringify(answer)).not.toContain('secret detail');
  });

  test('leaves messages alone that are not for it', () => {
    const { answer } = door();
    for (const message of [null, 'x', {}, { to: 'other', method: 'page.state', params: {} }])
      expect(answer(message, content)).toBeUndefined();
  });
});
