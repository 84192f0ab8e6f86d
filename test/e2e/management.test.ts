import { existsSync } from 'node:fs';
import type { Run } from '@gitprotect/shared/run';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { addCommits } from '../bitbucket/history.ts';
import { browserOrSkip } from './browser/needs.ts';
import { type BareWorld, startBareWorld } from './journey/bare-world.ts';
import { press, tabTo } from './journey/keyboard.ts';
import { credentials, logIn, pair, planState } from './journey/steps.ts';
import { until } from './journey/until.ts';

/** Each journey goes on where the one before ended, as a person's week does. */
browserOrSkip('chromium')('the extension’s own pages, with the agent behind them', () => {
  let world: BareWorld;
  let page: Page;
  let popup: Page;
  const broken: string[] = [];

  beforeAll(async () => {
    world = await startBareWorld();
    world.browser.context.setDefaultTimeout(15_000);
    page = await world.browser.open('management.html');
    popup = await world.browser.open('popup.html');
    for (const one of [page, popup]) one.on('pageerror', (error) => broken.push(error.message));
  });
  afterAll(() => world[Symbol.asyncDispose]());
  beforeEach(() => page.bringToFront());
  afterEach(() => {
    world.bitbucket.faults.clear();
    if (broken.length > 0) throw new Error(`a page broke: ${broken.splice(0).join('; ')}`);
  });

  const go = (hash: string) => page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  const button = (name: string | RegExp, on: Page = page) => on.getByRole('button', { name, exact: typeof name === 'string' });
  const sees = (text: string | RegExp, on: Page = page) => on.getByText(text).first().waitFor();
  const runs = () => world.agent.call('run.list', {});
  const ended = (state: Run['state']) =>
    until(`a run that ${state}`, async () => {
      const [latest] = await runs();
      return latest?.state === state ? latest : undefined;
    });
  const names = async () => (await credentials(world.agent)).map(({ name }) => name).toSorted();
  const openProject = async () => {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Bitbucket' }).click();
    await page.getByRole('link', { name: /^Edit (SHOP|Web shop)$/ }).click();
    await button('Add new').waitFor();
  };

  test('add a server and a project by its key, before any credential', async () => {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Bitbucket' }).click();
    await page.getByRole('link', { name: 'Add project' }).first().click();
    await page.getByLabel('Address of Bitbucket').fill(`${world.bitbucket.url}/projects/SHOP`);
    await button('Add server').click();
    await sees('No credential here sees a project of this server yet');
    await page.getByLabel('Or by its key').fill('SHOP');
    await button('Add project').click();
    await sees('SHOP was added. Next: a credential that may read it.');
    await sees('No credential yet');
    const [project] = await world.agent.call('project.list', {});
    expect(project).toMatchObject({ key: 'SHOP', serverUrl: world.bitbucket.url, credentialIds: [] });
  });

  test('keep what was typed when Bitbucket refuses a token, and take the right one', async () => {
    const wrong = world.tokenOf(world.alice, 'wrong');
    wrong.revoke();
    await openProject();
    await button('Add new').click();
    await page.getByLabel('HTTP access token').fill(wrong.secret);
    await page.getByLabel('Name (optional)').fill('first of alice');
    await button('Save').click();
    await page.getByRole('alert').filter({ hasText: /token/ }).waitFor();
    expect(await page.getByLabel('HTTP access token').inputValue()).toBe(wrong.secret);
    expect(await page.getByLabel('Name (optional)').inputValue()).toBe('first of alice');
    expect(await names()).toEqual([]);
    await page.getByLabel('HTTP access token').fill(world.tokenOf(world.alice, 'right').secret);
    await button('Save').click();
    await sees('sees 2 repositories');
    await button('Done').click();
    await page.getByRole('row', { name: /first of alice project’s own/ }).waitFor();
    expect(await names()).toEqual(['first of alice']);
  });

  test('take an additional credential from the keyboard alone', async () => {
    await openProject();
    await press(page, button('Add new'));
    await tabTo(page, page.getByLabel('HTTP access token'));
    await page.keyboard.type(world.tokenOf(world.bob, 'of bob').secret);
    await tabTo(page, page.getByLabel('Name (optional)'));
    await page.keyboard.type('of bob');
    await page.keyboard.press('Enter');
    await sees('“of bob” is in GitProtect');
    await press(page, button('Done'));
    await page.getByRole('row', { name: /^of bob/ }).waitFor();
    expect(await names()).toEqual(['first of alice', 'of bob']);
  });

  test('try a credential, renew it, and remove it after asking', async () => {
    const spare = world.tokenOf(world.alice, 'spare');
    await openProject();
    await world.agent.cli(['credential', 'add', '--server', world.bitbucket.url, '--project', 'SHOP', '--token-stdin', '--name', 'spare'], {
      input: spare.secret,
    });
    const row = page.getByRole('row', { name: /^spare/ });
    await row.getByText('same user as first of alice: adds no throughput').waitFor();
    await button('Test spare').click();
    await row.getByText('Tested: healthy.').waitFor();
    spare.revoke();
    await button('Test spare').click();
    await row.getByText('Tested: rejected.').waitFor();
    const renewal = `${world.bitbucket.url}/plugins/servlet/access-tokens/users/alice/manage`;
    await button('Renew spare').click();
    expect(await page.getByRole('link', { name: 'the token page in Bitbucket' }).getAttribute('href')).toBe(renewal);
    await page.getByLabel('New HTTP access token').fill(world.tokenOf(world.alice, 'spare again').secret);
    await page.getByRole('button', { name: 'Renew', exact: true }).click();
    await sees('“spare” was renewed. Revoke the old token in Bitbucket.');
    await row.getByText('healthy', { exact: true }).waitFor();
    await button('Remove spare').click();
    await button('Cancel').click();
    expect(await names()).toContain('spare');
    await button('Remove spare').click();
    await button('Erase token').click();
    await sees('“spare” was removed.');
    expect(await names()).toEqual(['first of alice', 'of bob']);
  });

  test('make a plan, enable an additional credential in it, and ask before changes are lost', async () => {
    await go('#/plans');
    await page.getByRole('link', { name: 'Add plan' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Nightly');
    await page.getByRole('checkbox', { name: /SHOP/ }).check();
    await button('Save').click();
    await sees('“Nightly” was saved.');
    await page.getByRole('link', { name: 'Edit plan Nightly' }).click();
    await button('Edit advanced settings').click();
    await page.getByRole('switch', { name: 'Additional git credentials' }).click();
    await page.getByRole('switch', { name: /of bob/ }).click();
    await button('Save advanced settings').click();

    const place = page.url();
    const leave = page.getByRole('dialog', { name: 'Leave without saving?' });
    await page.getByRole('link', { name: 'Runs' }).click();
    await leave.getByRole('button', { name: 'Cancel' }).click();
    await page.waitForURL(place);
    await page.goBack();
    await leave.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('link', { name: 'Edit plan Nightly' }).waitFor();
    expect((await planState(world.agent, 'Nightly')).additional.enabled).toBe(false);

    await page.getByRole('link', { name: 'Edit plan Nightly' }).click();
    await button('Edit advanced settings').click();
    await page.getByRole('switch', { name: 'Additional git credentials' }).click();
    await page.getByRole('switch', { name: /of bob/ }).click();
    await button('Save advanced settings').click();
    await button('Save').click();
    await sees('“Nightly” was saved.');
    const { additional, accounts } = await planState(world.agent, 'Nightly');
    const bob = accounts.find(({ ownerSlug }) => ownerSlug === 'bob');
    expect(additional).toEqual({ enabled: true, credentialIds: [bob?.credentialId] });
  });

  test('switch and toggle in the popup, then run and follow to the end', async () => {
    await popup.bringToFront();
    await popup.getByRole('switch', { name: /of bob/ }).click();
    await popup.getByRole('switch', { name: 'Additional git credentials' }).click();
    await button('Save Nightly', popup).click();
    await sees('Saved. The next run uses these accounts.', popup);
    expect((await planState(world.agent, 'Nightly')).additional).toEqual({ enabled: false, credentialIds: [] });
    await popup.getByRole('switch', { name: 'Additional git credentials' }).click();
    await popup.getByRole('switch', { name: /of bob/ }).click();
    await button('Save Nightly', popup).click();
    await sees('2 users share the work', popup);
    await until('the plan', async () => ((await planState(world.agent, 'Nightly')).additional.enabled ? true : undefined));

    world.bitbucket.faults.add({ kind: 'delay', milliseconds: 300 }, { git: 'fetch' });
    await button('Run now: Nightly', popup).click();
    await popup.getByRole('progressbar', { name: 'Progress of Nightly' }).waitFor();
    await sees(/of 2 repositories/, popup);
    const { counts } = await ended('succeeded');
    expect(counts.saved).toBe(2);
    await button('Run now: Nightly', popup).waitFor();
    await sees(/last just now|last \d+ s ago/, popup);
  });

  test('show who is throttled, and cancel a run', async () => {
    await addCommits(world.storefront, [{ files: { 'a.txt': 'a' }, message: 'More' }]);
    await addCommits(world.warehouse, [{ files: { 'a.txt': 'a' }, message: 'More' }]);
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 4 }, { user: 'alice', git: ['ls-refs', 'fetch', 'advertise'] });
    world.bitbucket.faults.add({ kind: 'stall', at: 10 }, { user: 'bob', git: 'fetch' });
    await popup.bringToFront();
    await button('Run now: Nightly', popup).click();
    await sees(/Throttled by Bitbucket: alice for/, popup);
    await button('Cancel the run of Nightly', popup).click();
    await sees('Cancelled. What was saved stays.', popup);
    expect((await ended('cancelled')).counts.saved).toBe(0);
    await button('Run now: Nightly', popup).waitFor();
  });

  test('tell of a repo that failed and what to do, in the run and in the popup', async () => {
    world.bitbucket.faults.add({ kind: 'login-page' }, { repo: 'SHOP/warehouse', git: ['ls-refs', 'fetch', 'advertise'] });
    await go('#/plans');
    await button('Run now: Nightly').click();
    const { id } = await ended('partial');
    await go('#/runs');
    await page.locator(`a[href="#/runs/${id}"]`).click();
    const row = page.getByRole('row', { name: /^SHOP\/warehouse failed/ });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/failed [^\n]+\. [A-Z][^\n]+\./);
    await page.getByRole('row', { name: /^SHOP\/storefront saved/ }).waitFor();
    await popup.bringToFront();
    await sees('The last run of Nightly left some repositories out.', popup);
    expect(await popup.getByRole('link', { name: /^Put it right ?: The last run/ }).getAttribute('href')).toBe(
      `management.html#/runs/${id}`,
    );
  });

  test('say that the agent is away, and are back by themselves', async () => {
    await go('#/plans');
    await button('Run now: Nightly').waitFor();
    await world.agent.stop();
    for (const one of [page, popup]) await sees('Backups on this machine may have stopped.', one);
    await sees(/Nightly: last run/, popup);
    await world.agent.start();
    for (const one of [page, popup]) {
      await sees('agent connected', one);
      await button('Run now: Nightly', one).waitFor();
      expect(await one.getByText('Backups on this machine may have stopped.').count()).toBe(0);
    }
  });

  test('restore a snapshot with the proof, even of a project that is no longer backed up', async () => {
    await openProject();
    await button(/^Remove (SHOP|Web shop)$/).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Nightly' }).click();
    await button('Remove Nightly').click();
    await button('Remove plan').click();
    await sees('“Nightly” was removed.');
    await openProject();
    await button(/^Remove (SHOP|Web shop)$/).click();
    await button('Remove project').click();
    await sees(/(SHOP|Web shop) was removed\./);
    await page.getByRole('link', { name: 'Snapshots' }).click();
    await page.getByRole('link', { name: 'SHOP' }).click();
    await page.getByRole('link', { name: 'storefront' }).click();
    await button(/^Restore the snapshot of/)
      .first()
      .click();
    await button('Restore').click();
    await sees('Restored and verified.');
    const folder = await page.getByLabel('Restore', { exact: true }).locator('.command code').innerText();
    expect(existsSync(folder)).toBe(true);
  });

  test('offer in the popup to put buttons into the Bitbucket in front', async () => {
    const { bitbucket, browser } = world;
    await browser.grant(new URL(bitbucket.url).origin);
    const front = await browser.newPage();
    await logIn(front, bitbucket, { name: 'alice', password: 'alice' });
    await front.bringToFront();
    await popup.evaluate('location.reload()');
    const offer = button(`Enable on ${new URL(bitbucket.url).host}`, popup);
    await offer.waitFor();
    await popup.bringToFront();
    await offer.click();
    await sees('Enabled. Reload the page if its buttons do not show.', popup);
    expect(await offer.count()).toBe(0);
    await front.close();
  });

  test('end with the pairing: by this browser, and by its removal from the agent', async () => {
    await go('#/settings');
    await button('Unpair this browser').click();
    await button('Unpair').click();
    await page.getByLabel('Pairing code').waitFor();
    await sees('not paired yet');
    await pair(world.browser, world.agent);
    await go('#/settings');
    await sees('agent connected');
    await button('Remove Chrome').last().click();
    await button('Remove').click();
    await sees('“Chrome” was removed.');
    await sees('This browser is not paired with an agent yet.');
    await sees('Pair this browser with your agent', popup);
    expect(await page.getByText(world.agent.home).count()).toBe(0);
  });
});
