import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { pullRequest, recordsFrom, said, sampleKinds, sampleOf, sampleRecords } from '@gitprotect/agent/restore/archive/sample';
import { writeLayout } from '@gitprotect/agent/restore/exit/to-layout';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserOrSkip, programPath } from './browser/needs.ts';
import { tempFolder } from './browser/temp-folder.ts';

const poison = `"'><script>document.title = 'owned'</script><img src=https://evil.example/p.png onerror="document.title = 'owned'">`;
const hostile = pullRequest(
  666,
  {
    title: poison,
    description: `${poison} ![p](https://evil.example/p.png) [l](javascript:alert(1))`,
    fromRef: { displayId: poison },
    author: { user: { displayName: poison } },
  },
  [said(66, `${poison} quincunx`)],
);

browserOrSkip('chromium')('the offline archive, opened from its folder', () => {
  let browser: Browser;
  let folder: Awaited<ReturnType<typeof tempFolder>>;
  const address = (path: string): string => `${pathToFileURL(join(folder.path, 'gitprotect', 'archive')).href}/${path}`;

  beforeAll(async () => {
    folder = await tempFolder('archive');
    const many = Array.from({ length: 120 }, (_, index) => pullRequest(1000 + index, { state: index % 2 === 0 ? 'OPEN' : 'MERGED' }));
    const records = recordsFrom([...sampleRecords, hostile, ...many]);
    await writeLayout(folder.path, { of: sampleOf, kinds: sampleKinds, records }, new AbortController().signal);
    browser = await chromium.launch({ executablePath: programPath('chromium'), args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await folder[Symbol.asyncDispose]();
  });

  /** A page, and what it asked for elsewhere or complained of. */
  const open = async (path: string) => {
    const page = await browser.newPage();
    const wrong: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) wrong.push(request.url());
    });
    page.on('console', (message) => wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    await page.goto(address(path));
    return { page, wrong };
  };

  test('lists, filters, sorts, turns pages, finds what was said in a comment, and leads there', async () => {
    const { page, wrong } = await open('index.html');
    const rows = page.locator('#list > li');
    await expect.poll(() => rows.count()).toBe(50);
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => page.locator('#page').textContent()).toBe('Page 2 of 3');
    await page.getByRole('radio', { name: 'Declined' }).check({ force: true });
    await expect.poll(() => rows.allTextContents()).toEqual([expect.stringContaining('Paint it red')]);
    await page.getByRole('radio', { name: 'All' }).check({ force: true });
    await page.keyboard.press('Escape');
    await page.locator('h1').click();
    await page.keyboard.press('/');
    await page.keyboard.type('mousetrap CELLAR');
    await expect.poll(() => page.locator('mark').allTextContents()).toEqual(['mousetrap']);
    await page.getByRole('link', { name: 'Weigh the apples twice' }).click();
    await page.getByText('beside the mousetrap').waitFor();
    await page.goBack();
    await expect.poll(() => page.getByLabel('Search').inputValue()).toBe('mousetrap CELLAR');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByLabel('Search').fill('#12');
    await page.getByRole('link', { name: 'Stop the press' }).click();
    await expect
      .poll(() => page.getByRole('img', { name: 'the plate' }).evaluate((img: { naturalWidth: number }) => img.naturalWidth))
      .toBe(8);
    expect(wrong).toEqual([]);
  });

  test('runs nothing and asks for nothing that a pull request brings along', async () => {
    const list = await open('index.html#q=quincunx');
    await expect.poll(() => list.page.locator('#list > li').count()).toBe(1);
    await list.page.locator('#list a').click();
    await list.page.getByText('quincunx').waitFor();
    expect(await list.page.title()).toContain('<script>');
    expect(await list.page.locator('script').count()).toBe(1);
    expect(list.wrong).toEqual([]);
  });

  test('fits narrow screens', async () => {
    for (const path of ['index.html', 'settings.html', 'pull-requests/12.html', 'pull-requests/666.html']) {
      const { page, wrong } = await open(path);
      await page.setViewportSize({ width: 360, height: 700 });
      expect([path, await page.locator('html').evaluate((root: { scrollWidth: number }) => root.scrollWidth)]).toEqual([path, 360]);
      expect(wrong).toEqual([]);
    }
  });
});
