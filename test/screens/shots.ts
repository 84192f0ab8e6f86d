import type { Page } from 'playwright-core';
import type { SceneName } from './scenes.ts';

/** Well formed, and nobody's. */
const token = `BBDC-${Buffer.from('555555555555:canary-canary-canary').toString('base64').slice(0, 44)}`;

/** One picture: a page, what the agent says, and what a person does first. */
export interface Shot {
  readonly name: string;
  readonly path: string;
  readonly scene: SceneName;
  readonly widths: readonly number[];
  readonly steps?: (page: Page) => Promise<void>;
}

const popup = (name: string, scene: SceneName, steps?: Shot['steps']): Shot => ({
  name: `popup-${name}`,
  path: 'popup.html',
  scene,
  widths: [384],
  ...(steps && { steps }),
});

const page = (name: string, hash: string, more: Partial<Shot> = {}): Shot => ({
  name,
  path: `management.html#/${hash}`,
  scene: 'usual',
  widths: [384, 800, 1440],
  ...more,
});

/** Opens the restore of the newest snapshot, into Bitbucket. */
async function intoBitbucket(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /Restore the snapshot/ })
    .first()
    .click();
  await page.getByLabel('Into Bitbucket').check();
  await page.getByLabel('HTTP access token for this restore').fill(token);
}

export const shots: readonly Shot[] = [
  popup('usual', 'usual'),
  popup('edited', 'usual', async (page) => {
    await page.getByRole('switch', { name: /backup-spare/ }).click();
  }),
  popup('running', 'running'),
  popup('paused', 'paused', async (page) => {
    await page.getByRole('button', { name: 'Run now: Nightly' }).click();
    await page.getByRole('dialog').waitFor();
  }),
  popup('waiting', 'waiting'),
  popup('unpaired', 'unpaired'),
  popup('wrong-code', 'unpaired', async (page) => {
    await page.getByLabel('Pairing code').fill('gp1-7717-nonsense');
    await page.getByRole('button', { name: 'Pair', exact: true }).click();
  }),
  popup('offline', 'offline'),
  popup('impostor', 'impostor'),
  popup('mismatch', 'mismatch'),
  popup('loading', 'loading'),
  popup('failing', 'failing'),
  popup('fresh', 'fresh'),
  popup('troubled', 'troubled'),
  popup('on-bitbucket', 'onBitbucket'),
  page('overview', ''),
  page('overview-fresh', '', { scene: 'fresh' }),
  page('overview-unpaired', '', { scene: 'unpaired' }),
  page('overview-offline', '', { scene: 'offline', widths: [800] }),
  page('overview-impostor', '', { scene: 'impostor', widths: [800] }),
  page('overview-troubled', '', { scene: 'troubled', widths: [800] }),
  page('overview-running', '', { scene: 'running', widths: [1440] }),
  page('overview-loading', '', { scene: 'loading', widths: [800] }),
  page('overview-failing', '', { scene: 'failing', widths: [800] }),
  page('bitbucket', 'bitbucket'),
  page('bitbucket-fresh', 'bitbucket', { scene: 'fresh', widths: [800] }),
  page('bitbucket-add', 'bitbucket/new'),
  page('bitbucket-add-fresh', 'bitbucket/new', { scene: 'fresh', widths: [800] }),
  page('project', 'bitbucket/p1'),
  page('project-coverage-all', 'bitbucket/p1', { steps: (page) => page.getByLabel('only problems').uncheck() }),
  page('project-renew', 'bitbucket/p1', { widths: [800], steps: (page) => page.getByRole('button', { name: 'Renew ci-clone' }).click() }),
  page('project-empty', 'bitbucket/p3', { widths: [800] }),
  page('project-add-new', 'bitbucket/p2', {
    steps: async (view) => {
      await view.getByRole('button', { name: 'Add new' }).click();
      await view.getByLabel('HTTP access token').fill('not a token');
    },
  }),
  page('project-added', 'bitbucket/p2', {
    widths: [800],
    scene: 'added',
    steps: async (view) => {
      await view.getByRole('button', { name: 'Add new' }).click();
      await view.getByLabel('HTTP access token').fill(token);
      await view.getByRole('button', { name: 'Save' }).click();
    },
  }),
  page('project-remove', 'bitbucket/p1', {
    widths: [800],
    steps: (view) => view.getByRole('button', { name: 'Remove ci-clone' }).click(),
  }),
  page('plans', 'plans'),
  page('plans-fresh', 'plans', { scene: 'fresh', widths: [800] }),
  page('plan', 'plans/n1'),
  page('plan-advanced', 'plans/n1', {
    steps: (view) => view.getByRole('button', { name: 'Edit advanced settings' }).click(),
  }),
  page('plan-window', 'plans/n1', { scene: 'paused', widths: [384, 1440] }),
  page('plans-window', 'plans', { scene: 'paused', widths: [800] }),
  page('plan-leave', 'plans/n1', {
    widths: [384, 1600],
    steps: async (view) => {
      await view.getByLabel('Name', { exact: true }).fill('Every night');
      await view.getByRole('link', { name: 'Runs', exact: true }).click();
      await view.getByRole('dialog').waitFor();
    },
  }),
  page('project-remove-planned', 'bitbucket/p1', {
    widths: [384, 1600],
    steps: (view) => view.getByRole('button', { name: 'Remove Orchard' }).click(),
  }),
  page('plan-wrong', 'plans/new', {
    widths: [800],
    steps: async (view) => {
      await view.getByLabel('When', { exact: true }).selectOption('custom');
      await view.getByLabel('Cron expression').fill('0 2 * *');
      await view.getByRole('button', { name: 'Save', exact: true }).click();
    },
  }),
  page('runs', 'runs'),
  page('runs-fresh', 'runs', { scene: 'fresh', widths: [800] }),
  page('run-live', 'runs/r9', { scene: 'running' }),
  page('run-waiting', 'runs/r9', { scene: 'waiting', widths: [384, 1440] }),
  page('run-past', 'runs/r2'),
  page('run-paused', 'runs/rp', { scene: 'paused', widths: [384, 1440] }),
  page('run-thousands', 'runs/r9', { scene: 'thousands', widths: [1440] }),
  page('snapshots', 'snapshots', { widths: [800] }),
  page('snapshots-repos', 'snapshots/ORCH'),
  page('snapshots-kept', 'snapshots/ORCH%2Fcore'),
  page('snapshots-hold', 'snapshots/ORCH%2Fcore', {
    widths: [800],
    steps: (view) => view.getByRole('button', { name: 'Hold the snapshot' }).first().click(),
  }),
  page('snapshots-guarded', 'snapshots/ORCH%2Fcore', { scene: 'guarded' }),
  page('plans-guarded', 'plans', { scene: 'guarded', widths: [800] }),
  page('snapshots-to-bitbucket', 'snapshots/ORCH%2Fcore', {
    scene: 'restorePlanned',
    steps: async (page) => {
      await intoBitbucket(page);
      await page.getByRole('button', { name: 'Show what it would do' }).click();
      await page.getByText('Nothing was changed').waitFor();
    },
  }),
  page('snapshots-to-bitbucket-done', 'snapshots/ORCH%2Fcore', {
    scene: 'restoredToServer',
    widths: [800],
    steps: async (page) => {
      await intoBitbucket(page);
      await page.getByRole('button', { name: 'Restore into Bitbucket' }).click();
      await page.getByText('Restored, but not all of it').waitFor();
    },
  }),
  page('snapshots-to-bitbucket-busy', 'snapshots/ORCH%2Fcore', {
    scene: 'restoring',
    widths: [800],
    steps: async (page) => {
      await intoBitbucket(page);
      await page.getByRole('button', { name: 'Restore into Bitbucket' }).click();
    },
  }),
  page('snapshots-project-to-bitbucket', 'snapshots/ORCH', {
    widths: [384],
    steps: (page) => page.getByRole('button', { name: 'Restore project ORCH' }).click(),
  }),
  page('snapshots-restored', 'snapshots/ORCH%2Fcore', {
    scene: 'added',
    steps: async (view) => {
      await view
        .getByRole('button', { name: /Restore the snapshot/ })
        .first()
        .click();
      await view.getByRole('button', { name: 'Restore', exact: true }).click();
    },
  }),
  page('settings', 'settings'),
  page('settings-troubled', 'settings', { scene: 'troubled', widths: [1440] }),
  page('settings-offline', 'settings', { scene: 'offline', widths: [800] }),
  page('paste', 'paste?server=https%3A%2F%2Fbitbucket.example.com&token=123456789012&name=ci-clone'),
  page('pair', 'pair', { scene: 'unpaired' }),
];
