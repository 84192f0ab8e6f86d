import { expect, test } from 'vitest';
import { canaryToken, formsOf, leakingFiles, ProcessWatch } from '../security/canary.ts';
import { browserOrSkip } from './browser/needs.ts';
import { startBareWorld } from './journey/bare-world.ts';

browserOrSkip('chromium')('a restore into Bitbucket by clicking', () => {
  test('shows what it would do, does it, and leaves its token nowhere', async () => {
    await using world = await startBareWorld();
    const { agent, bitbucket, browser } = world;
    await agent.cli(['project', 'add', `${bitbucket.url}/projects/SHOP`]);
    const { secret } = world.tokenOf(world.alice, 'of the project');
    await agent.cli(['credential', 'add', '--server', bitbucket.url, '--project', 'SHOP', '--token-stdin'], { input: secret });
    await agent.cli(['plan', 'add', 'Nightly', '--project', 'SHOP']);
    await agent.cli(['run', 'Nightly', '--wait']);
    const { state } = bitbucket;
    const target = state.addProject({ key: 'BACK', name: 'Back' });
    const owner = state.addUser({ name: 'restorer' });
    state.grant(owner, 'PROJECT_ADMIN', target);
    const canary = canaryToken('restore-canary');
    state.addToken({ user: owner, name: 'restore', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'], secret: canary });

    using watch = new ProcessWatch();
    const page = await browser.open('management.html');
    page.setDefaultTimeout(15_000);
    await page.evaluate(`location.hash = '#/snapshots/SHOP%2Fstorefront'`);
    await page
      .getByRole('button', { name: /^Restore the snapshot of/ })
      .first()
      .click();
    await page.getByLabel('Into Bitbucket').check();
    await page.getByLabel('Project key').fill('BACK');
    await page.getByLabel('Repository name').fill('storefront again');
    await page.getByLabel('HTTP access token for this restore').fill(canary);
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByText('Nothing was changed.').waitFor();
    expect(state.findRepo('BACK', 'storefront-again')).toBeUndefined();

    await page.getByRole('button', { name: 'Restore into Bitbucket' }).click();
    await page.getByText('Restored and compared.').waitFor();
    expect(state.findRepo('BACK', 'storefront-again')).toBeDefined();
    expect(await page.getByLabel('HTTP access token for this restore').inputValue()).toBe('');
    const forms = formsOf(canary);
    expect(leakingFiles(agent.home, forms)).toEqual([]);
    expect(watch.seen.filter((line) => line.includes(canary) && !line.includes('extraHeader'))).toEqual([]);
  });
});
