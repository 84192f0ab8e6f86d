import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { User } from '../bitbucket/model.ts';
import { Simulator } from '../bitbucket/simulator.ts';
import { type Firefox, launchFirefox } from './browser/firefox.ts';
import { browserOrSkip } from './browser/needs.ts';
import { type RunningAgent, runAgent } from './journey/agent.ts';
import { askExtension, builtExtension, credentials, enableSite, pairingCode } from './journey/steps.ts';
import { until } from './journey/until.ts';

/** A point on one of our elements, `right` and `bottom` pixels in from the corner of what it shows; `null` when nothing shows. */
const cornerOf = (kind: string, right: number, bottom: number) => `(() => {
  const shows = (x, y) => document.elementFromPoint(x, y)?.dataset?.kind === ${JSON.stringify(kind)};
  let [x, y] = [-1, -1];
  for (let left = 4; left < innerWidth; left += 8) for (let top = 4; top < innerHeight; top += 8)
    if (shows(left, top)) [x, y] = [Math.max(x, left), Math.max(y, top)];
  return x < 0 ? null : { x: x - ${right}, y: y - ${bottom} };
})()`;

/** No debugging protocol looks into closed roots here: the mouse goes where a person sees the button, at the end of the line. */
async function clickAtEnd(page: Page, kind: string, right: number, bottom: number): Promise<void> {
  const point = await until(`our ${kind}`, async () => {
    const found = (await page.evaluate(cornerOf(kind, right, bottom))) as { x: number; y: number } | null;
    return found ?? undefined;
  });
  await page.mouse.click(point.x, point.y);
}

browserOrSkip('firefox')('the extension in Firefox', () => {
  const parts = new AsyncDisposableStack();
  let bitbucket: Simulator;
  let agent: RunningAgent;
  let browser: Firefox;
  let alice: User;

  beforeAll(async () => {
    bitbucket = parts.use(await Simulator.start());
    agent = parts.use(await runAgent());
    browser = parts.use(await launchFirefox({ extension: builtExtension('firefox'), viewport: { width: 1200, height: 800 } }));
    alice = bitbucket.state.addUser({ name: 'alice', password: 'alice' });
    const project = bitbucket.state.addProject({ key: 'SHOP' });
    bitbucket.state.addRepo({ project, name: 'storefront' });
    bitbucket.state.grant(alice, 'PROJECT_READ', project);
    bitbucket.state.addToken({ user: alice, name: 'laptop', permissions: ['REPO_WRITE'] });
    bitbucket.tokenPage.csp = true;
  });
  afterAll(() => parts.disposeAsync());

  test('pairs over ws, where Firefox would make it wss (T22)', async () => {
    const page = await browser.open('management.html#/pair');
    await page.locator('input').fill(await pairingCode(agent));
    await page.locator('button[type=submit]').click();
    await until('the word that it is paired', async () => {
      const words = String(await page.evaluate('document.body.innerText'));
      return /Paired\./.test(words) ? true : undefined;
    });
    await page.close();
    expect(await askExtension(browser, 'connection', {})).toEqual({ state: 'connected', port: agent.port });
  });

  test('puts its buttons into a site with a port, and carries a new token to the agent (T22)', async () => {
    await enableSite(browser, bitbucket.url);
    const page = await browser.newPage();
    await page.goto(`${bitbucket.url}/login`);
    await page.locator('#j_username').fill('alice');
    await page.locator('#j_password').fill('alice');
    await Promise.all([page.waitForNavigation(), page.locator('#submit').click()]);
    await page.goto(`${bitbucket.url}/plugins/servlet/access-tokens/manage`);
    await until('our button in the row', async () =>
      (await page.evaluate(`document.querySelectorAll('tr gitprotect-ui').length`)) === 1 ? true : undefined,
    );
    expect(await page.evaluate(`[...document.querySelectorAll('gitprotect-ui')].map((one) => one.shadowRoot)`)).toEqual([null, null]);
    await clickAtEnd(page, 'top', 40, 15);
    await clickAtEnd(page, 'card', 60, 24);
    await until('the token in Bitbucket', async () => (bitbucket.state.tokens.length === 2 ? true : undefined));
    const [added] = await until('the credential in the agent', async () => {
      const all = await credentials(agent);
      return all.length === 0 ? undefined : all;
    });
    expect(added).toMatchObject({ tokenId: bitbucket.state.tokens[1]?.id, permissions: ['REPO_READ', 'PROJECT_READ'] });
  });
});
