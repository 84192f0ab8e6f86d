import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Token, TokenPermission } from '../bitbucket/model.ts';
import { type TokenPageVariant, awkwardTokens, tokenPageVariants } from '../bitbucket/pages/index.ts';
import { browserOrSkip } from './browser/needs.ts';
import type { Box, InShadow, Thing } from './journey/in-shadow.ts';
import { type Journey, startJourney } from './journey/journey.ts';
import { openTokens } from './journey/steps.ts';

/** Pages whose rows nobody can put anything into: ours lists the tokens itself. */
const withPanel = new Set<TokenPageVariant>(['evicts-strangers', 'closed-shadow', 'canvas']);
/** Pages that align a row's parts at its top: below a long name ours stands lower than Bitbucket's own buttons. */
const topAligned = new Set<TokenPageVariant>(['flat-cells', 'linked-rows']);
/** Pages that show only some of their rows at first. */
const shownFirst: Partial<Record<TokenPageVariant, number>> = { 'show-more': 3, recycled: 4 };

const rowButton = { role: 'button', name: /^(Add to|In|expired Renew for) GitProtect/ };
const day = 86_400_000;

/** What the button of each awkward token says: the second *backup* is in GitProtect, one has expired. */
function expectedWords(tokens: readonly Token[], stored: Token): string[] {
  return tokens.map((token) => {
    if (token === stored) return `In GitProtect no plan yet (${token.name})`;
    return token.expiryDate !== undefined && token.expiryDate < Date.now()
      ? `expired Renew for GitProtect (${token.name})`
      : `Add to GitProtect (${token.name})`;
  });
}

/** Whether our button of a row stands below Bitbucket's own of the row before, and not below that of its own row. */
function isBeside(at: number, boxes: readonly (Box | null)[], own: readonly (Box | null)[], variant: TokenPageVariant): boolean {
  const end = (box: Box | null | undefined) => (box ? box.top + box.height : -Infinity);
  const box = boxes[at];
  if (!box) return false;
  const middle = box.top + box.height / 2;
  // Where the fonts of a machine are wide, it stands on the next line of the same buttons.
  const limit = topAligned.has(variant) ? (own[at + 1]?.top ?? Infinity) : end(own[at]) + box.height + 8;
  return middle > end(own[at - 1]) && middle < limit;
}

async function ownButtons(page: Page): Promise<(Box | null)[]> {
  const revoke = await page.getByRole('button', { name: /^(Revoke|Widerrufen)$/ }).all();
  const boxes = await Promise.all(revoke.map((button) => button.boundingBox()));
  return boxes.map((box) => box && { left: box.x, top: box.y, width: box.width, height: box.height });
}

/** How often our elements were put into the page during 0.4 s in which nothing happens. */
function restlessness(page: Page): Promise<unknown> {
  return page.evaluate(`new Promise((resolve) => {
    let count = 0;
    new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const { nodeName } of addedNodes) if (nodeName === 'GITPROTECT-UI') count += 1;
    }).observe(document, { subtree: true, childList: true });
    setTimeout(() => resolve(count), 400);
  })`);
}

async function seeButtons(ours: InShadow, names: readonly string[]): Promise<readonly Thing[]> {
  await expect.poll(async () => (await ours.find(rowButton)).map(({ name }) => name), { timeout: 20_000 }).toEqual(names);
  return ours.find(rowButton);
}

browserOrSkip('chromium')('our buttons on the token pages', () => {
  let journey: Journey;
  let tokens: Token[];
  let stored: Token;
  const complaints: string[] = [];

  beforeAll(async () => {
    journey = await startJourney();
    const { bitbucket, agent, alice, page } = journey;
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    tokens = awkwardTokens.map(({ name, permissions, expiryDate }) => {
      const token = bitbucket.state.addToken({ user: alice, name, permissions: permissions as TokenPermission[] });
      if (expiryDate !== undefined) token.expiryDate = Date.now() + (name.startsWith('nightly') ? -day : 90 * day);
      return token;
    });
    const [, second] = tokens;
    if (second === undefined) throw new Error('There are no awkward tokens');
    stored = second;
    await agent.cli(['credential', 'add', '--server', bitbucket.url, '--token-stdin'], { input: stored.secret });
  });
  afterAll(() => journey[Symbol.asyncDispose]());
  beforeEach(() => {
    complaints.length = 0;
  });

  const open = async (variant: TokenPageVariant, csp: boolean) => {
    const { bitbucket, page, ours } = journey;
    Object.assign(bitbucket.tokenPage, { variant, csp });
    await page.emulateMedia({ colorScheme: csp ? 'dark' : 'light' });
    await openTokens(page, bitbucket);
    const words = expectedWords(tokens, stored).slice(0, shownFirst[variant]);
    await seeButtons(ours, words);
    expect((await ours.find({ role: 'button', name: 'Create a backup token' })).length).toBe(1);
    return { page, ours, words };
  };

  test.each(tokenPageVariants)('stand beside their tokens in "%s", dark and under a strict policy, and stay put', async (variant) => {
    const { page, ours, words } = await open(variant, true);
    const misplaced = async () => {
      const boxes = await Promise.all((await seeButtons(ours, words)).map((button) => ours.box(button)));
      const ownBoxes = await ownButtons(page);
      return withPanel.has(variant) ? [] : words.filter((_, at) => !isBeside(at, boxes, ownBoxes, variant));
    };
    // Between two looks a page may have rendered its rows again.
    await expect.poll(misplaced).toEqual([]);
    // A page that renders its rows each second gets ours again each second, once.
    expect(await restlessness(page)).toBeLessThanOrEqual(variant === 'every-second' ? tokens.length + 1 : 0);
    expect(complaints).toEqual([]);
  });

  const revocable = tokenPageVariants.filter((variant) => !['closed-shadow', 'canvas'].includes(variant));
  test.each(revocable)('leave Bitbucket\'s own buttons working in "%s"', async (variant) => {
    const { bitbucket } = journey;
    const { page, ours, words } = await open(variant, false);
    const before = [...bitbucket.state.tokens];
    try {
      await page
        .getByRole('button', { name: /^(Revoke|Widerrufen)$/ })
        .nth(words.length - 1)
        .click();
      await page
        .locator('[role=dialog]')
        .getByRole('button', { name: /^(Revoke|Widerrufen)$/ })
        .click();
      await expect.poll(() => bitbucket.state.tokens.length).toBe(before.length - 1);
      const left = tokens.filter((token) => bitbucket.state.tokens.includes(token));
      await seeButtons(ours, expectedWords(left, stored).slice(0, shownFirst[variant]));
    } finally {
      bitbucket.state.tokens.splice(0, Infinity, ...before);
    }
    expect(complaints).toEqual([]);
  });

  test('follow the rows of a list that shows more on request', async () => {
    const { page, ours } = await open('show-more', true);
    await page.getByRole('button', { name: 'Show more' }).click();
    expect(await seeButtons(ours, expectedWords(tokens, stored).slice(0, 6))).toHaveLength(6);
  });

  test('follow the texts of rows that are used again while one scrolls', async () => {
    const { page, ours } = await open('recycled', true);
    await page.getByText('backup for CI').hover();
    await page.mouse.wheel(0, 2000);
    expect(await seeButtons(ours, expectedWords(tokens, stored).slice(-4))).toHaveLength(4);
  });

  test('come and go with a page that navigates without loading', async () => {
    const { page, ours } = await open('single-page', true);
    await page.getByRole('link', { name: 'Account settings' }).click();
    await ours.gone({ role: 'button', name: /GitProtect|backup token/ });
    await page.goBack();
    expect(await seeButtons(ours, expectedWords(tokens, stored))).toHaveLength(tokens.length);
  });
});
