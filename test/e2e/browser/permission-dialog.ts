import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Display } from './xvfb.ts';

/** Milliseconds without a key heard that mean a dialog. Longer than the half second in which Chromium's dialogs ignore Return, against clicks by mistake. */
const silence = 800;

/**
 * Says yes in Chromium's permission dialog with the keyboard, as a person does; call it after the click that asks. The dialog is
 * drawn inside the browser's window, so nothing of X or the page tells that it is there but this: the page hears no key any more.
 * It opens with Deny focused; Tab goes to Allow. Rejects when `signal` aborts first.
 */
export async function allowInDialog(page: Page, display: Display, signal: AbortSignal): Promise<void> {
  await page.evaluate(`self.keysHeard = 0; addEventListener('keydown', () => { self.keysHeard += 1; });`);
  const keysHeard = async () => Number(await page.evaluate('self.keysHeard'));
  for (let before = -1; before !== (await keysHeard());) {
    before = await keysHeard();
    await display.press('Shift_L');
    await delay(silence, undefined, { signal });
  }
  await display.press('Tab');
  await display.press('Return');
}
