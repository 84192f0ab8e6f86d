import { expect, test } from 'vitest';
import { launchChromium } from './chromium.ts';
import { browserOrSkip } from './needs.ts';
import { onePageSite } from './one-page-site.ts';
import { allowInDialog } from './permission-dialog.ts';
import { throwAwayExtension } from './throw-away-extension.ts';
import { startDisplay } from './xvfb.ts';

const ran = 'document.documentElement.dataset.extension';

browserOrSkip('chromium')('Chromium with an extension', () => {
  test('runs its service worker and opens its pages, which talk to each other', async () => {
    await using extension = await throwAwayExtension('chromium');
    await using browser = await launchChromium({ extension: extension.path, colorScheme: 'dark', viewport: { width: 400, height: 300 } });
    const page = await browser.open('page.html');
    expect(await page.evaluate(`chrome.runtime.sendMessage('hello')`)).toBe('background heard hello');
    expect(await (await browser.worker()).evaluate('chrome.runtime.id')).toBe(browser.extensionId);
    expect(await page.evaluate(`[matchMedia('(prefers-color-scheme: dark)').matches, innerWidth]`)).toEqual([true, 400]);
  });

  test('runs content scripts on a granted site, and only after the grant', async () => {
    await using extension = await throwAwayExtension('chromium');
    await using browser = await launchChromium({ extension: extension.path });
    await using site = await onePageSite('<h1>Site</h1>');
    const page = await browser.newPage();
    await page.goto(site.origin);
    expect(await page.evaluate(ran)).toBeUndefined();
    await browser.grant(site.origin);
    await page.reload();
    expect(await page.evaluate(ran)).toBe('ran');
  });

  test('says which hosts it could not grant', async () => {
    await using extension = await throwAwayExtension('chromium');
    await using browser = await launchChromium({ extension: extension.path });
    await expect(browser.grant('ftp://127.0.0.1')).rejects.toThrow('ftp://127.0.0.1/*');
  });
});

browserOrSkip(
  'chromium',
  'xvfb',
  'xdotool',
)('Chromium on a screen', () => {
  test('grants hosts when a person presses Allow in its dialog', async () => {
    await using display = await startDisplay();
    await using extension = await throwAwayExtension('chromium');
    await using browser = await launchChromium({ extension: extension.path, display: display.name });
    const page = await browser.open('page.html');
    await page.click('#ask');
    await allowInDialog(page, display, AbortSignal.timeout(20_000));
    await expect.poll(() => page.textContent('output')).toBe('granted: true');
  });
});
