import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { screenshot } from '../screenshots.ts';
import { launchChromium } from './chromium.ts';
import { browserOrSkip } from './needs.ts';
import { onePageSite } from './one-page-site.ts';
import { allowInDialog } from './permission-dialog.ts';
import { tempFolder } from './temp-folder.ts';
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

  test('starts its service worker anew after a stop, with nothing remembered', async () => {
    await using extension = await throwAwayExtension('chromium');
    await using browser = await launchChromium({ extension: extension.path });
    const page = await browser.open('page.html');
    await (await browser.worker()).evaluate('self.remembered = true');
    await browser.stopWorker();
    expect(await page.evaluate(`chrome.runtime.sendMessage('again')`)).toBe('background heard again');
    expect(await (await browser.worker()).evaluate('self.remembered')).toBeUndefined();
  });

  test('is photographed in both schemes and every width, and left as it was', async () => {
    await using extension = await throwAwayExtension('chromium');
    await using browser = await launchChromium({ extension: extension.path, viewport: { width: 500, height: 300 } });
    await using folder = await tempFolder('pictures');
    const page = await browser.open('page.html');
    const files = await screenshot(page, 'page', { folder: folder.path, schemes: ['light', 'dark'], widths: [320, 640] });
    expect(files.map((file) => basename(file))).toEqual([
      'page-light-320.png',
      'page-light-640.png',
      'page-dark-320.png',
      'page-dark-640.png',
    ]);
    // PNG: the width is the 32-bit number at byte 16.
    expect(await Promise.all(files.map(async (file) => (await readFile(file)).readUInt32BE(16)))).toEqual([320, 640, 320, 640]);
    expect(page.viewportSize()).toEqual({ width: 500, height: 300 });
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
    await expect.poll(() => page.textContent('output'), { timeout: 5000 }).toBe('granted: true');
  });
});
