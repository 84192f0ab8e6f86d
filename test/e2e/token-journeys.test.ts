import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { TokenPageVariant } from '../bitbucket/pages/index.ts';
import { browserOrSkip } from './browser/needs.ts';
import { type Journey, startJourney } from './journey/journey.ts';
import { askExtension, credentials, openTokens, pair, planState } from './journey/steps.ts';

const create = { role: 'button', name: 'Create a backup token' };
const confirm = { role: 'button', name: 'Create and add' };
const isIn = /is in GitProtect/;

/** Everything a script of the page could read. */
const readable = `(() => {
  const texts = (root) => [...root.querySelectorAll('*')].flatMap((one) => [
    one.shadowRoot === null ? '' : texts(one.shadowRoot), one.value ?? '', ...[...one.attributes].map(({ value }) => value),
  ]).join(' ') + (root.textContent ?? '');
  return texts(document) + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie;
})()`;

browserOrSkip('chromium')('a token on its way from the page to the agent', () => {
  let journey: Journey;
  let before: ReadonlySet<string>;
  const said: string[] = [];

  beforeAll(async () => {
    journey = await startJourney();
    before = new Set((await credentials(journey.agent)).map(({ id }) => id));
    journey.page.on('console', (message) => said.push(message.text()));
    journey.page.on('pageerror', (error) => said.push(error.message));
  });
  afterAll(() => journey[Symbol.asyncDispose]());
  beforeEach(() => {
    const { bitbucket } = journey;
    Object.assign(bitbucket.tokenPage, { variant: 'aui-table', csp: true });
    said.length = 0;
  });
  afterEach(async () => {
    const { agent, bitbucket, alice } = journey;
    bitbucket.faults.clear();
    const own = bitbucket.state.tokens.filter(({ scope }) => scope.target === alice);
    for (const token of own) bitbucket.state.revokeToken(token);
    for (const { id } of await credentials(agent)) if (!before.has(id)) await agent.call('credential.remove', { id });
  });

  /** Secrets of all tokens, and every message of the page that carried one. */
  const watchNetwork = (page: Page) => {
    const answers: Promise<{ what: string; text: string }>[] = [];
    const listen = (response: Awaited<ReturnType<Page['waitForResponse']>>) => {
      const request = response.request();
      const what = `${request.method()} ${new URL(request.url()).pathname}`;
      answers.push(
        response.text().then(
          (text) => ({ what, text: `${text} ${request.url()} ${request.postData() ?? ''}` }),
          () => ({ what, text: request.url() }),
        ),
      );
    };
    page.on('response', listen);
    return async (secret: string) => {
      page.off('response', listen);
      return (await Promise.all(answers)).filter(({ text }) => text.includes(secret)).map(({ what }) => what);
    };
  };

  test('is made, stored and put into a plan with three clicks, its secret seen by nobody', async () => {
    const { bitbucket, agent, page, ours, alice } = journey;
    await openTokens(page, bitbucket);
    const carried = watchNetwork(page);
    await ours.click(create);
    const writing = page.waitForRequest((request) => request.method() === 'PUT');
    await ours.click(confirm);
    expect((await (await writing).allHeaders())['x-atlassian-token']).toBe('no-check');
    await ours.read(/sees 1 of 1 repository[\s\S]*Not used by any backup yet/);
    expect((await planState(agent, 'Nightly')).additional).toEqual({ enabled: false, credentialIds: [] });
    await ours.click({ role: 'switch', name: /in Nightly$/ });
    await ours.click({ role: 'button', name: 'Save' });
    await ours.read(/Saved. Nightly will use it from the next run./);

    const token = bitbucket.state.tokens.find(({ scope }) => scope.target === alice);
    const added = (await credentials(agent)).find(({ tokenId }) => tokenId === token?.id);
    expect(added).toMatchObject({ name: token?.name, permissions: ['REPO_READ', 'PROJECT_READ'], health: { state: 'healthy' } });
    expect((await planState(agent, 'Nightly')).additional).toEqual({ enabled: true, credentialIds: [added?.id] });
    expect(await carried(token?.secret ?? '')).toEqual(['PUT /rest/access-tokens/latest/users/alice']);
    expect(await page.evaluate(readable)).not.toContain(token?.secret);
    expect(said.filter((line) => line.includes(token?.secret ?? ''))).toEqual([]);

    await page.reload();
    await ours.see({ role: 'button', name: `In GitProtect 1 plan (${token?.name})` });
  });

  test('is made and stored with the keyboard alone', async () => {
    const { bitbucket, agent, page, ours, alice } = journey;
    bitbucket.state.addToken({ user: alice, name: 'laptop', permissions: ['REPO_WRITE'] });
    await openTokens(page, bitbucket);
    await ours.press(create);
    await ours.see(confirm);
    await ours.press(confirm);
    await ours.read(isIn);
    await ours.press({ role: 'switch', name: /in Nightly$/ }, 'Space');
    await ours.press({ role: 'button', name: 'Save' });
    await ours.read(/Saved\./);
    expect((await planState(agent, 'Nightly')).additional.enabled).toBe(true);
    await page.keyboard.press('Escape');
    await ours.gone({ role: 'dialog', name: /./ });
    expect((await ours.see(create)).focused).toBe(true);
  });

  const shows: readonly { variant: TokenPageVariant; how: string }[] = [
    { variant: 'aui-table', how: 'in a field, on a page of its own' },
    { variant: 'detail-rows', how: 'in a dialog' },
    { variant: 'german', how: 'in a banner' },
    { variant: 'aria-grid', how: 'split over spans' },
    { variant: 'hashed-divs', how: 'in a text area' },
    { variant: 'nested-shadow', how: 'beside rows in shadow roots' },
    { variant: 'canvas', how: 'beside rows of pixels' },
  ];
  test.each(shows)('that the page shows $how is offered and added ("$variant")', async ({ variant }) => {
    const { bitbucket, agent, page, ours } = journey;
    Object.assign(bitbucket.tokenPage, { variant });
    await openTokens(page, bitbucket);
    await ours.see(create);
    await makeOnPage(page, bitbucket.url, 'fresh');
    await ours.click({ role: 'button', name: 'Add' });
    await ours.read(isIn);
    expect((await credentials(agent)).map(({ name }) => name)).toContain('fresh');
  });

  test('that somebody else may have put into the page is not offered', async () => {
    const { bitbucket, page, ours, bob } = journey;
    await openTokens(page, bitbucket);
    await ours.see(create);
    const { secret } = bitbucket.state.addToken({ user: bob, name: 'of bob', permissions: ['REPO_READ'] });
    const asked = page.waitForResponse((response) => response.url().includes('/rest/access-tokens/'));
    await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend', '<p>${secret}</p>')`);
    await asked;
    await ours.see(create);
    expect(await ours.find({ role: 'button', name: 'Add' })).toEqual([]);
  });

  test('of a user who is in GitProtect already comes with the word that it adds no throughput', async () => {
    const { bitbucket, agent, page, ours, alice } = journey;
    const { secret } = bitbucket.state.addToken({ user: alice, name: 'first', permissions: ['PROJECT_READ', 'REPO_READ'] });
    bitbucket.state.addToken({ user: alice, name: 'second', permissions: ['PROJECT_READ', 'REPO_READ'] });
    await agent.cli(['credential', 'add', '--server', bitbucket.url, '--token-stdin'], { input: secret });
    await openTokens(page, bitbucket);
    await ours.see({ role: 'button', name: 'In GitProtect no plan yet (first)' });
    const second = await ours.see({ role: 'button', name: 'Add to GitProtect (second)' });
    expect(second.description).toMatch(/^Same user as “.+”: adds no throughput$/);
    await ours.click(create);
    await ours.read(/a second token adds no throughput/);
    await ours.click(confirm);
    await ours.read(/adds throughput|same user: adds no throughput/);
  });

  test('that has expired can be renewed', async () => {
    const { bitbucket, agent, page, ours, alice } = journey;
    const old = bitbucket.state.addToken({ user: alice, name: 'old', permissions: ['REPO_READ'], expiryDays: 5 });
    old.expiryDate = Date.now() - 1000;
    await openTokens(page, bitbucket);
    await ours.click({ role: 'button', name: 'expired Renew for GitProtect (old)' });
    await ours.read(/“old” has expired/);
    await ours.click({ ...create, nth: 1 });
    await ours.click(confirm);
    await ours.read(isIn);
    expect((await credentials(agent)).map(({ name }) => name).some((name) => name.startsWith('gitprotect-backup-'))).toBe(true);
  });

  test('takes the place of one that expires soon, with its rights, in every plan; the old one is revoked on the spot', async () => {
    const { bitbucket, agent, page, ours, alice } = journey;
    const rights = ['PROJECT_READ', 'REPO_WRITE'] as const;
    const old = bitbucket.state.addToken({ user: alice, name: 'laptop', permissions: [...rights], expiryDays: 5 });
    await agent.cli(['credential', 'add', '--server', bitbucket.url, '--token-stdin'], { input: old.secret });
    const { id } = (await credentials(agent)).find(({ tokenId }) => tokenId === old.id) ?? { id: '' };
    await agent.cli(['plan', 'credentials', 'Nightly', '--on', '--enable', id]);
    await openTokens(page, bitbucket);
    const carried = watchNetwork(page);
    await ours.click({ role: 'button', name: 'In GitProtect expires soon (laptop)' });
    await ours.read(/“.*” is in GitProtect/);
    await ours.click({ role: 'button', name: 'Renew' });
    await ours.read(/Renew “laptop”[\s\S]*with the same rights/);
    await ours.click({ role: 'button', name: 'Renew' });
    await ours.read(/is in GitProtect[\s\S]*The old token “laptop” is still in Bitbucket/);

    const successor = bitbucket.state.tokens.find(({ name }) => name.startsWith('laptop-renewed-'));
    const secret = successor?.secret ?? '';
    expect(successor?.permissions).toEqual(rights);
    expect((await credentials(agent)).find((one) => one.id === id)).toMatchObject({
      tokenId: successor?.id,
      name: successor?.name,
      permissions: rights,
      expiresAt: new Date(successor?.expiryDate ?? 0).toISOString(),
    });
    expect((await planState(agent, 'Nightly')).additional).toEqual({ enabled: true, credentialIds: [id] });
    expect(await page.evaluate(readable)).not.toContain(secret);

    await ours.click({ role: 'button', name: 'Revoke it…' });
    expect(bitbucket.state.tokens).toContain(old);
    await ours.click({ role: 'button', name: 'Revoke “laptop”' });
    await ours.read(/“laptop” is revoked/);
    expect(bitbucket.state.tokens).not.toContain(old);
    expect(await carried(secret)).toEqual(['PUT /rest/access-tokens/latest/users/alice']);
  });

  test('waits for an agent that is not running, and makes nothing before', async () => {
    const { bitbucket, agent, page, ours, alice } = journey;
    await openTokens(page, bitbucket);
    await ours.see(create);
    await agent.stop();
    await ours.click(create);
    await ours.click(confirm);
    await ours.read(/The GitProtect agent does not answer\.[\s\S]*npx gitprotect-agent start/);
    expect(bitbucket.state.tokens.filter(({ scope }) => scope.target === alice)).toEqual([]);
    await agent.start();
    await ours.click(confirm);
    await ours.read(isIn);
  });

  test('in a browser that is not paired leads to the pairing', async () => {
    const { bitbucket, browser, agent, page, ours } = journey;
    await askExtension(browser, 'unpair', {});
    await openTokens(page, bitbucket);
    await ours.click(create);
    await ours.click(confirm);
    await ours.read(/npx gitprotect-agent pair/);
    const opened = browser.context.waitForEvent('page');
    await ours.click({ role: 'button', name: 'Pair this browser' });
    const pairing = await opened;
    await pairing.getByLabel('Pairing code').waitFor();
    await pairing.close();
    await pair(browser, agent);
    await ours.click(confirm);
    expect(await ours.read(isIn)).toContain('gitprotect-backup-');
  });

  test('that Bitbucket refuses to the agent is not stored, and the page says why', async () => {
    const { bitbucket, agent, page, ours, alice } = journey;
    Object.assign(bitbucket.tokenPage, { variant: 'hashed-divs' });
    await openTokens(page, bitbucket);
    await makeOnPage(page, bitbucket.url, 'short-lived');
    await ours.see({ role: 'button', name: 'Add' });
    for (const token of bitbucket.state.tokens.filter(({ scope }) => scope.target === alice)) bitbucket.state.revokeToken(token);
    await ours.click({ role: 'button', name: 'Add' });
    await ours.see({ role: 'button', name: 'Try again' });
    expect(await ours.text()).toMatch(/token/);
    expect((await credentials(agent)).map(({ name }) => name)).not.toContain('short-lived');
  });

  test('that Bitbucket does not make is told in its own words', async () => {
    const { bitbucket, page, ours } = journey;
    await openTokens(page, bitbucket);
    bitbucket.faults.add({ kind: 'unavailable', status: 403 }, { method: 'PUT', path: /access-tokens/ });
    await ours.click(create);
    await ours.click(confirm);
    await ours.read(/Log in to Bitbucket again, then reload the page/);
    bitbucket.faults.clear();
    bitbucket.state.maxTokens = 0;
    await ours.click(confirm);
    expect(await ours.read(/Bitbucket says: The maximum number/)).toContain('Revoke a token you no longer need, then try again.');
    bitbucket.state.maxTokens = 100;
  });
});

/** Makes a token as a person does on Bitbucket's own form, wherever the page has it. */
async function makeOnPage(page: Page, bitbucket: string, name: string): Promise<void> {
  const button = page.locator('main').getByText(/^(Create token|Token erstellen)$/);
  if ((await button.getAttribute('href')) !== null) await page.goto(`${bitbucket}/plugins/servlet/access-tokens/add`);
  else if ((await page.locator('main form').count()) === 0) await button.click();
  await page.fill('input[name=name]', name);
  await page.click('form button[type=submit]');
}
