import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { formatBytes, formatCount } from '@gitprotect/shared/format';
import { Run } from '@gitprotect/shared/run';
import { Snapshot } from '@gitprotect/shared/snapshot';
import type { Page } from 'playwright-core';
import * as v from 'valibot';
import { launchChromium } from '../e2e/browser/chromium.ts';
import { tempFolder } from '../e2e/browser/temp-folder.ts';
import { runAgent, type RunningAgent } from '../e2e/journey/agent.ts';
import { InShadow } from '../e2e/journey/in-shadow.ts';
import { builtExtension, logIn, openTokens, pairingCode } from '../e2e/journey/steps.ts';
import { Narrator } from './narrator.ts';
import { momentOf, restoreAndCompare } from './proof.ts';
import { demoWorld, pushWork } from './world.ts';

/*
 * The whole main job, by clicking in a real browser: from a token in Bitbucket's page to a proven restore. Every figure printed is measured.
 */
const root = new URL('../../', import.meta.url);
const pictures = fileURLToPath(new URL('.demo/', root));
await rm(pictures, { recursive: true, force: true });
/** `--readme` also takes the pictures of the README anew. */
const tell = new Narrator(pictures, process.argv.includes('--readme') ? fileURLToPath(new URL('docs/pictures/', root)) : null);

await using world = await demoWorld();
const { bitbucket, repos } = world;
const commits = '5,000 commits in the largest';
await tell.did(
  'Bitbucket runs (simulated server, real git)',
  `${bitbucket.url}, ${formatCount(repos.length, 'repository', 'repositories')}, ${commits}`,
);
await using agent = await runAgent({ GITPROTECT_VAULT: 'sealed-file', GITPROTECT_PASSPHRASE: 'a long passphrase for the demo' });
await tell.did('the agent runs', `port ${agent.port}`);
const display = process.env['DISPLAY'];
await using browser = await launchChromium({
  extension: builtExtension('chrome'),
  viewport: { width: 1200, height: 860 },
  ...(display === undefined ? {} : { display }),
});
await tell.did('Chromium runs with the built extension', display === undefined ? 'headless' : `on display ${display}`);

const manage = await browser.open('management.html#/pair');
await manage.getByLabel('Pairing code').fill(await pairingCode(agent));
await manage.getByRole('button', { name: 'Pair', exact: true }).click();
await manage.getByText(/^Paired\./).waitFor();
await tell.did('paired by the code of gitprotect-agent pair', 'each side proved itself', manage);

// Headless Chromium draws no permission dialog: the yes is given beforehand.
await browser.grant(new URL(bitbucket.url).origin);
await go(manage, '#/settings');
await manage.getByLabel('Another site').fill(bitbucket.url);
await manage.getByRole('button', { name: 'Enable', exact: true }).click();
await manage.getByText(/^Enabled on /).waitFor();
await tell.did('the site is enabled', bitbucket.url, manage);

await addTokenOf(world.ann);
await go(manage, '#/bitbucket/new');
await manage.getByRole('button', { name: 'Add Orchard' }).click();
await manage.getByText('Orchard was added.').waitFor();
await tell.did('project Orchard is added', 'its first account is its own', manage);
await addTokenOf(world.tom);

await go(manage, '#/plans/new');
await manage.getByLabel('Name', { exact: true }).fill('Nightly');
await manage.getByRole('checkbox', { name: /Orchard/ }).check();
await manage.getByRole('button', { name: 'Edit advanced settings' }).click();
await manage.getByRole('switch', { name: 'Additional git credentials' }).click();
await manage.getByRole('switch', { name: /tom\.builder/ }).click();
await tell.did('plan Nightly: additional git credentials on, Tom enabled', '2 users', manage);
await manage.getByRole('button', { name: 'Save advanced settings' }).click();
await manage.getByRole('button', { name: 'Save', exact: true }).click();
await manage.getByText('“Nightly” was saved.').waitFor();
await tell.did('the plan is saved', 'every night at 02:00', manage);

const first = { moment: momentOf(repos), run: await runNow(), snapshots: await snapshotsNow(agent) };
await tell.did('first run', figuresOf(first.run), manage);
await pushWork(world);
await tell.did('the team pushes', 'commits, a new branch, a rewritten one, a deleted tag');
const popup = await browser.open('popup.html');
await popup.setViewportSize({ width: 384, height: 360 });
await popup.getByText('Nightly').first().waitFor();
await tell.did('the popup', 'plan, switch and a toggle for each account', popup, 'popup');
await popup.close();
const second = { moment: momentOf(repos), run: await runNow(), snapshots: await snapshotsNow(agent) };
await tell.did('second run: only what is new', figuresOf(second.run), manage);
if (second.run.counts.saved !== 2 || second.run.counts.unchanged !== 2) throw new Error('the second run was not incremental');

await using restored = await tempFolder('demo-restored');
for (const [name, { moment, snapshots }] of Object.entries({ first, second })) {
  const { refs, bytes } = await restoreAndCompare(agent, { moment, snapshots, into: `${restored.path}/${name}` });
  await tell.did(`restored as of the ${name} run`, `${formatCount(refs, 'ref')} equal, git fsck clean, ${formatBytes(bytes)} read`);
}
await go(manage, '#/bitbucket');
await manage
  .getByRole('link', { name: /Edit/ })
  .or(manage.getByRole('button', { name: /Edit/ }))
  .first()
  .click();
await manage.getByText('Additional credentials').first().waitFor();
await manage.setViewportSize({ width: 1200, height: 560 });
await tell.did('the management page', 'Orchard, its accounts and its state', manage, 'management');
await go(manage, '#/snapshots');
await manage.getByText('ORCH').first().waitFor();
await tell.did('what can be restored', `pictures of every step: ${pictures}`, manage);
console.log('\nrestored and verified');

/** Logs in, creates a backup token on Bitbucket's own token page with two clicks, and sees it stored. */
async function addTokenOf(user: { name: string; password: string }): Promise<void> {
  await browser.context.clearCookies();
  const page = await browser.newPage();
  await logIn(page, bitbucket, user);
  await openTokens(page, bitbucket);
  const ours = await InShadow.of(page);
  await ours.see({ role: 'button', name: /Create a backup token/ });
  await ours.see({ role: 'button', name: /Add .*ci-clone|Add to GitProtect/ });
  await page.setViewportSize({ width: 1200, height: 460 });
  await tell.did(`the token page of ${user.name}`, 'a button beside each token', page, 'button');
  await ours.click({ role: 'button', name: /Create a backup token/ });
  await ours.click({ role: 'button', name: /^Create/, nth: 1 });
  await ours.read(/is in GitProtect/);
  await tell.did(
    `a token of ${user.name} is created and added in Bitbucket's page`,
    (await ours.text()).match(/sees [^\n]*/)?.[0] ?? '',
    page,
  );
  await page.close();
}

/** Clicks *Run now* and waits for the end. */
async function runNow(): Promise<Run> {
  const before = (await runsOf(agent)).length;
  await go(manage, '#/plans');
  await manage
    .getByRole('button', { name: /^Run .*now|^Run now/ })
    .first()
    .click();
  for (;;) {
    const [latest, ...others] = await runsOf(agent);
    if (latest !== undefined && others.length === before && latest.state !== 'running') {
      if (latest.state !== 'succeeded') throw new Error(`the run ended as ${latest.state}: ${JSON.stringify(latest.problems)}`);
      await go(manage, `#/runs/${latest.id}`);
      await manage.getByText('succeeded').first().waitFor();
      return latest;
    }
  }
}

async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

function runsOf(of: RunningAgent): Promise<Run[]> {
  return of.ask(v.array(Run), ['runs']);
}

/** The newest snapshot of each repo. */
async function snapshotsNow(of: RunningAgent): Promise<Map<string, string>> {
  const all = await of.ask(v.array(Snapshot), ['snapshots', 'ORCH']);
  return new Map(all.toReversed().map(({ slug, id }) => [slug, id]));
}

function figuresOf(run: Run): string {
  const { saved, unchanged } = run.counts;
  return `${saved} saved, ${unchanged} unchanged, ${formatBytes(run.bytes)} new, ${formatCount(run.requests, 'request')}`;
}
