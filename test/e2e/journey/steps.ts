import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Credential } from '@gitprotect/shared/credential';
import type { Plan } from '@gitprotect/shared/plan';
import type { Page } from 'playwright-core';
import * as v from 'valibot';
import type { Chromium } from '../browser/chromium.ts';
import type { RunningAgent } from './agent.ts';
import { until } from './until.ts';

const output = new URL('../../../extension/.output/', import.meta.url);

/** Folder of the built extension. Throws when it was not built. */
export function builtExtension(browser: 'chrome' | 'firefox'): string {
  const folder = fileURLToPath(new URL(`${browser}-mv3/`, output));
  if (!existsSync(folder)) throw new Error(`The extension for ${browser} is not built; run: npm run build`);
  return folder;
}

/** Either browser, as far as the steps below use it. */
export interface WithExtension {
  open(path: string): Promise<{ evaluate(code: string): Promise<unknown>; close(): Promise<void> }>;
  grant(origin: string): Promise<void>;
}

const Answer = v.variant('ok', [
  v.object({ ok: v.literal(true), result: v.unknown() }),
  v.object({ ok: v.literal(false), error: v.object({ code: v.string(), message: v.string() }) }),
]);

/** Asks the extension's background as one of its own pages does. Throws its error's words. */
export async function askExtension(browser: WithExtension, method: string, params: unknown): Promise<unknown> {
  const page = await browser.open('management.html');
  try {
    const message = JSON.stringify({ to: 'gitprotect', method, params });
    const answer = v.parse(Answer, await page.evaluate(`(globalThis.browser ?? chrome).runtime.sendMessage(${message})`));
    if (!answer.ok) throw new Error(`${method}: ${answer.error.code}: ${answer.error.message}`);
    return answer.result;
  } finally {
    await page.close();
  }
}

/** Puts the extension's buttons into the pages of a Bitbucket: the browser's permission and the extension's own list. */
export async function enableSite(browser: WithExtension, url: string): Promise<void> {
  await browser.grant(new URL(url).origin);
  await askExtension(browser, 'enableSite', { url });
}

/** A code as `gitprotect-agent pair` prints it. */
export async function pairingCode(agent: RunningAgent): Promise<string> {
  return (await agent.ask(v.object({ code: v.string() }), ['pair'])).code;
}

/** Pairs the browser with the agent on the extension's own page: prints a code, pastes it, waits for the word. */
export async function pair(browser: Chromium, agent: RunningAgent): Promise<void> {
  const page = await browser.open('management.html#/pair');
  try {
    await page.getByLabel('Pairing code').fill(await pairingCode(agent));
    await page.getByRole('button', { name: 'Pair', exact: true }).click();
    await page.getByText(/^Paired\./).waitFor();
  } finally {
    await page.close();
  }
}

/** Logs in on Bitbucket's own form, whichever it has. */
export async function logIn(page: Page, bitbucket: { readonly url: string }, user: { name: string; password: string }): Promise<void> {
  await page.goto(`${bitbucket.url}/login`);
  await page.locator('#j_username, #username-field').fill(user.name);
  await page.locator('#j_password, #password-field').fill(user.password);
  await page.locator('#submit, #login-button').click();
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
}

/** Opens *Manage account > HTTP access tokens* of the person logged in. */
export async function openTokens(page: Page, bitbucket: { readonly url: string }): Promise<void> {
  await page.goto(`${bitbucket.url}/plugins/servlet/access-tokens/manage`);
}

/** A plan as the agent tells its command line. */
export async function planState(agent: RunningAgent, name: string): Promise<Plan> {
  return until(`plan “${name}”`, async () => (await agent.call('plan.list', {})).find((plan) => plan.name === name));
}

/** The agent's credentials as it tells its command line. */
export async function credentials(agent: RunningAgent): Promise<readonly Credential[]> {
  return agent.call('credential.list', {});
}
