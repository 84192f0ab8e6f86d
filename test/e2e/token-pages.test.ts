import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TokenView, awkwardTokens, exampleView, renderTokens, tokenPageVariants } from '../bitbucket/pages/index.ts';
import { type Chromium, launchChromium } from './browser/chromium.ts';
import { browserOrSkip } from './browser/needs.ts';
import { throwAwayExtension } from './browser/throw-away-extension.ts';

const policy = "default-src 'none'; script-src 'nonce-n0nce'; style-src 'nonce-n0nce'; connect-src 'self'; form-action 'self'";
const secret = 'CanaryCanaryCanaryCanaryCanaryCanaryCanary12';
const user = '/bb/rest/access-tokens/latest/users/ana';

/** Serves one variant under a strict policy, with a REST of a few lines behind it. */
async function serve() {
  let tokens: readonly TokenView[] = awkwardTokens;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname === user && request.method === 'GET') answer(200, { values: tokens, isLastPage: true });
    else if (pathname === user && request.method === 'PUT') {
      const created = { id: '000000000099', name: 'fresh', createdDate: 0, permissions: ['REPO_READ'] };
      tokens = [...tokens, created];
      answer(200, { ...created, token: secret });
    } else if (request.method === 'DELETE') {
      tokens = tokens.filter(({ id }) => pathname !== `${user}/${id}`);
      response.writeHead(204).end();
    } else {
      const variant = tokenPageVariants.find((name) => name === searchParams.get('variant')) ?? 'aui-table';
      const view = exampleView({ contextPath: '/bb', variant, nonce: 'n0nce', tokens, path: pathname.slice('/bb'.length) });
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }).end(renderTokens(view));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    tokens: () => tokens,
    reset: () => (tokens = awkwardTokens),
    [Symbol.asyncDispose]: () => Promise.resolve(server.close().closeAllConnections()),
  };
}

browserOrSkip('chromium')('the token pages in a browser, under a strict policy', () => {
  const parts = new AsyncDisposableStack();
  let browser: Chromium;
  let site: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    const extension = parts.use(await throwAwayExtension('chromium'));
    browser = parts.use(await launchChromium({ extension: extension.path }));
    site = parts.use(await serve());
  });
  afterAll(() => parts.disposeAsync());

  test.each(tokenPageVariants)('"%s" creates a token, shows its secret once, and complains of nothing', async (variant) => {
    site.reset();
    await using page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${site.origin}/bb/plugins/servlet/access-tokens/users/ana/manage?variant=${variant}`);

    const create = page.locator('main').getByText(/^(Create token|Token erstellen)$/);
    const isForm = (await page.locator('main form').count()) > 0;
    const onOwnPage = (await create.getAttribute('href')) !== null;
    if (onOwnPage) await page.goto(`${site.origin}/bb/plugins/servlet/access-tokens/add?variant=${variant}`);
    else if (!isForm) await create.click();
    await page.fill('input[name=name]', 'fresh');
    await page.click('form button[type=submit]');

    const shown = () =>
      page.evaluate(`document.body.innerText + [...document.querySelectorAll('input, textarea')].map((field) => field.value).join(' ')`);
    await expect.poll(shown).toContain(secret);
    expect(site.tokens().map(({ name }) => name)).toContain('fresh');
    await page.reload();
    expect(await shown()).not.toContain(secret);
    expect(complaints).toEqual([]);
  });

  test.each(['aui-table', 'recycled', 'nested-shadow', 'on-focus'] as const)(
    '"%s" revokes the token whose button was pressed',
    async (variant) => {
      site.reset();
      await using page = await browser.newPage();
      await page.goto(`${site.origin}/bb/plugins/servlet/access-tokens/users/ana/manage?variant=${variant}`);
      await page.getByRole('button', { name: 'Revoke' }).nth(1).click();
      await page.locator('[role=dialog]').getByRole('button', { name: 'Revoke' }).click();
      await expect
        .poll(() => site.tokens().map(({ id }) => id))
        .toEqual(awkwardTokens.filter((_, index) => index !== 1).map(({ id }) => id));
    },
  );

  const stirs = {
    'every-second': () => Promise.resolve(),
    'evicts-strangers': () => Promise.resolve(),
    'on-hover': (page: Page) => page.getByRole('button', { name: 'Revoke' }).nth(3).hover(),
    'on-focus': (page: Page) => page.getByRole('button', { name: 'Revoke' }).nth(3).focus(),
  };

  test.each(Object.entries(stirs))('"%s" drops what others put into its rows', async (variant, stir) => {
    site.reset();
    await using page = await browser.newPage();
    await page.goto(`${site.origin}/bb/plugins/servlet/access-tokens/users/ana/manage?variant=${variant}`);
    await page.getByText('backup for CI').waitFor();
    await page.evaluate(`(() => {
      const text = document.evaluate("//main//*[text()='backup for CI']", document).iterateNext();
      text.append(document.createElement('mark'));
    })()`);
    await stir(page);
    await expect.poll(() => page.locator('main mark').count(), { timeout: 5000 }).toBe(0);
    expect(await page.getByText('backup for CI').count()).toBe(1);
  });

  test('the account tabs of "single-page" change without a load', async () => {
    site.reset();
    await using page = await browser.newPage();
    await page.goto(`${site.origin}/bb/account?variant=single-page`);
    await page.evaluate('self.sameDocument = true');
    expect(await page.locator('main').innerText()).not.toContain('backup for CI');
    await page.getByRole('link', { name: 'HTTP access tokens' }).click();
    await page.getByText('backup for CI').waitFor();
    expect(await page.evaluate('[self.sameDocument, location.pathname]')).toEqual([
      true,
      '/bb/plugins/servlet/access-tokens/users/ana/manage',
    ]);
    await page.goBack();
    await expect.poll(() => page.locator('main').innerText()).not.toContain('backup for CI');
  });
});
