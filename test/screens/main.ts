// Pictures of every page and state, from the built extension in a real browser: `npm run screens [FOLDER] [PART OF A NAME]`.
import { join } from 'node:path';
import { launchChromium } from '../e2e/browser/chromium.ts';
import { screenshot } from '../e2e/screenshots.ts';
import { actScene } from './scene.ts';
import { scenes } from './scenes.ts';
import { shots } from './shots.ts';

const [folder = '.screens', part = '', scheme = ''] = process.argv.slice(2);
const schemes = scheme === 'light' || scheme === 'dark' ? ([scheme] as const) : (['light', 'dark'] as const);

await using chromium = await launchChromium({ extension: join(import.meta.dirname, '../../extension/.output/chrome-mv3') });
for (const { name, path, scene, steps, widths } of shots.filter((shot) => shot.name.includes(part))) {
  const page = await chromium.newPage();
  page.on('pageerror', (error) => console.log(`${name}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') console.log(`${name}: ${message.text()}`);
  });
  await page.addInitScript(`(${actScene.toString()})(${JSON.stringify(scenes[scene])})`);
  await page.setViewportSize({ width: widths[0] ?? 1280, height: 700 });
  await page.goto(`chrome-extension://${chromium.extensionId}/${path}`);
  await page.waitForTimeout(400);
  await steps?.(page);
  await screenshot(page, name, { folder, schemes, widths });
  const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  console.log(`${name}${Number(overflow) > 0 ? `: ${String(overflow)} px wider than the window` : ''}`);
  await page.close();
}
