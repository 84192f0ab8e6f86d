import { expect, test } from 'vitest';
import { launchFirefox } from './firefox.ts';
import { browserOrSkip } from './needs.ts';
import { onePageSite } from './one-page-site.ts';
import { throwAwayExtension } from './throw-away-extension.ts';

const ran = 'document.documentElement.dataset.extension';

browserOrSkip('firefox')('Firefox with an extension', () => {
  test('runs its background and opens its pages, which talk to each other', async () => {
    await using extension = await throwAwayExtension('firefox');
    await using browser = await launchFirefox({ extension: extension.path, colorScheme: 'dark', viewport: { width: 600, height: 400 } });
    const page = await browser.open('page.html');
    expect(await page.evaluate('location.host')).toBe(browser.extensionId);
    expect(await page.evaluate(`browser.runtime.sendMessage('hello')`)).toBe('background heard hello');
    expect(await page.evaluate(`[matchMedia('(prefers-color-scheme: dark)').matches, innerWidth]`)).toEqual([true, 600]);
  });

  test('runs content scripts on a granted site, and only after the grant', async () => {
    await using extension = await throwAwayExtension('firefox');
    await using browser = await launchFirefox({ extension: extension.path });
    await using site = await onePageSite('<h1>Site</h1>');
    const page = await browser.newPage();
    await page.goto(site.origin);
    expect(await page.evaluate(ran)).toBeUndefined();
    await browser.grant(site.origin);
    await page.reload();
    expect(await page.evaluate(ran)).toBe('ran');
  });

  test('grants at once what is asked for in a click', async () => {
    await using extension = await throwAwayExtension('firefox');
    await using browser = await launchFirefox({ extension: extension.path });
    const page = await browser.open('page.html');
    await page.click('#ask');
    await page.waitForFunction(`document.querySelector('output').textContent === 'granted: true'`);
    expect(await page.evaluate(`browser.permissions.contains({ origins: ['http://127.0.0.1/*'] })`)).toBe(true);
  });
});
