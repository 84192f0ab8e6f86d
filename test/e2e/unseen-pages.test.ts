import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserOrSkip } from './browser/needs.ts';
import { type Journey, startJourney } from './journey/journey.ts';
import { openTokens } from './journey/steps.ts';
import { unseenPages } from './unseen-pages.ts';

const names = ['laptop', 'ci', 'ci-clone', 'ci', 'Grüße & <b>', 'x'];

/** Tops of the page's own buttons, one in each row. */
async function rowTops(page: Page): Promise<number[]> {
  const boxes = await Promise.all((await page.getByRole('button', { name: 'Mine', exact: true }).all()).map((one) => one.boundingBox()));
  return boxes.map((box) => (box ? box.y + box.height / 2 : Number.NaN));
}

browserOrSkip('chromium')('our buttons on pages nobody has seen before', () => {
  let journey: Journey;

  beforeAll(async () => {
    journey = await startJourney();
    const { bitbucket, alice } = journey;
    for (const name of names) bitbucket.state.addToken({ user: alice, name, permissions: ['REPO_READ'] });
  });
  afterAll(() => journey[Symbol.asyncDispose]());

  test.each(Object.keys(unseenPages))('find the rows of %s', async (which) => {
    const { bitbucket, page, ours, alice } = journey;
    const tokens = bitbucket.state.tokens.filter(({ scope }) => scope.target === alice);
    await page.route('**/plugins/servlet/access-tokens/manage', (route) =>
      route.fulfill({ contentType: 'text/html', body: unseenPages[which]?.(tokens) ?? '' }),
    );
    try {
      await openTokens(page, bitbucket);
      const found = () => ours.find({ role: 'button', name: /^Add to GitProtect/ });
      await ours.see({ role: 'button', name: /^Add to GitProtect/ });
      await expect
        .poll(async () => {
          await page.evaluate(`scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })`);
          return (await found()).map(({ name }) => name);
        })
        .toEqual(names.map((name) => `Add to GitProtect (${name})`));
      const boxes = await Promise.all((await found()).map((button) => ours.box(button)));
      const tops = await rowTops(page);
      const nearest = boxes.map((box) => {
        const distances = tops.map((top) => Math.abs(top - ((box?.top ?? 0) + (box?.height ?? 0) / 2)));
        return distances.indexOf(Math.min(...distances));
      });
      expect(nearest).toEqual(names.map((_, at) => at));
    } finally {
      await page.unroute('**/plugins/servlet/access-tokens/manage');
    }
  });
});
