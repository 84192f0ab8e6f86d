import axe from 'axe-core';
import type { Page } from 'playwright-core';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actScene } from '../screens/scene.ts';
import { scenes } from '../screens/scenes.ts';
import { shots } from '../screens/shots.ts';
import { type Chromium, launchChromium } from './browser/chromium.ts';
import { browserOrSkip } from './browser/needs.ts';
import { builtExtension } from './journey/steps.ts';

/** What axe finds, as far as it is told here. */
const Violations = v.array(
  v.object({
    id: v.string(),
    impact: v.nullish(v.string()),
    nodes: v.array(v.object({ html: v.string(), failureSummary: v.optional(v.string()) })),
  }),
);
/** What depends on colours, and what on the width. */
const inColour = ['color-contrast', 'link-in-text-block'];
const inWidth = ['color-contrast', 'scrollable-region-focusable', 'target-size', 'empty-table-header', 'td-headers-attr'];
const grave: ReadonlySet<unknown> = new Set(['serious', 'critical']);

browserOrSkip('chromium')('the extension’s pages for everybody', () => {
  let browser: Chromium;

  beforeAll(async () => {
    browser = await launchChromium({ extension: builtExtension('chrome') });
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  /** Grave faults of the page as it stands, a line each. Without `rules` all of axe's. */
  const faults = async (page: Page, rules?: readonly string[]): Promise<string[]> => {
    const options = JSON.stringify({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) });
    const found = v.parse(Violations, await page.evaluate(`axe.run(${options}).then(({ violations }) => violations)`));
    return found
      .filter(({ impact }) => grave.has(impact))
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`));
  };

  test.each(shots)('$name: every text can be read and everything be named, light and dark, wide and narrow', async (shot) => {
    const page = await browser.newPage();
    try {
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      await page.setViewportSize({ width: Math.max(...shot.widths), height: 800 });
      await page.addInitScript(`(${actScene.toString()})(${JSON.stringify(scenes[shot.scene])})`);
      await page.goto(`chrome-extension://${browser.extensionId}/${shot.path}`);
      await page.locator('h1').first().waitFor();
      if (shot.scene !== 'loading') await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      await shot.steps?.(page);
      await page.evaluate(axe.source);
      expect(await faults(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
      expect(await faults(page, inColour)).toEqual([]);
      if (shot.widths.length === 1) return;
      await page.setViewportSize({ width: 360, height: 800 });
      expect(await faults(page, inWidth)).toEqual([]);
    } finally {
      await page.close();
    }
  });
});
