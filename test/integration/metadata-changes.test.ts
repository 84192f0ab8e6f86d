import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addComment } from '../bitbucket/comments.ts';
import { manyPullRequests } from '../bitbucket/many-pull-requests.ts';
import { there } from '../bitbucket/there.ts';
import { Died, faulty } from '../format/faulty.ts';
import { MetadataWorld } from './metadata-world.ts';

let stage: MetadataWorld;
const faults = { steps: 0, dieAt: Infinity };

beforeEach(async () => {
  faults.dieAt = Infinity;
  stage = await MetadataWorld.start({ decorateStorage: (storage) => faulty(storage, faults) });
});

afterEach(() => stage[Symbol.asyncDispose]());

describe('a second backup', () => {
  test('of a repo where only a label changed writes one small object and asks git once', async () => {
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await stage.outcome(plan);
    stage.repo.settings.set('labels', [{ name: 'fruit' }]);
    expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', kind: 'metadata-only', records: 1, objects: 0 });
    expect(stage.asked(/^\/scm\/.*(?:info\/refs|git-upload-pack)$/)).toHaveLength(1);
    const { manifest, of } = await stage.newest();
    expect(manifest.metadata?.chain.map(({ records }) => records)).toMatchObject([expect.any(Number), 1]);
    expect(manifest.metadata?.chain[1]?.bytes).toBeLessThan(1000);
    expect(of('labels')).toMatchObject([{ value: [{ name: 'fruit' }] }]);
    expect(await stage.state()).toMatchObject({ violations: [], orphans: [] });
  });

  test('reads again only the pull request that somebody commented on', async () => {
    const pulls = await manyPullRequests(stage.world.bitbucket, stage.repo, { count: 30, comments: 2 });
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await stage.outcome(plan);
    expect(stage.asked(/\/activities$/)).toHaveLength(30);
    const pull = there(pulls[20]);
    addComment({ repo: stage.repo, pull }, { user: pull.author, at: stage.world.clock.now() }, { text: 'One more thing' });
    expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', kind: 'metadata-only', records: 1 });
    expect(stage.asked(/\/activities$/)).toEqual([expect.stringContaining(`/pull-requests/${pull.id}/activities`)]);
    const { of } = await stage.newest();
    expect(of('pull-requests')).toHaveLength(30);
    expect(JSON.stringify(of('pull-requests').find(({ key }) => key === String(pull.id)))).toContain('One more thing');
  });

  test('keeps what it may not read any more, and says so', async () => {
    const admin = stage.addAdmin('root');
    const reader = stage.world.addReader('ann');
    stage.repo.settings.set('webhooks', [{ id: 1, name: 'build', url: 'https://ci.example.com' }]);
    const plan = await stage.plan([admin, reader]);
    await stage.outcome(plan);
    expect((await stage.newest()).of('webhooks')).toHaveLength(1);
    stage.world.bitbucket.state.revokeToken(admin);
    expect(await stage.outcome(plan)).toMatchObject({
      state: 'saved',
      warnings: expect.arrayContaining([expect.stringMatching(/^webhooks cannot be read any more: .*; what was saved before stays$/)]),
      notPermitted: expect.arrayContaining(['webhooks']),
    });
    const { manifest, of } = await stage.newest();
    expect(manifest.metadata?.kinds['webhooks']).toEqual({ state: 'not-permitted' });
    expect(of('webhooks')).toMatchObject([{ value: [{ name: 'build' }] }]);
  });

  test('keeps what the server fails to answer for, says so, and has it right the next time', async () => {
    const plan = await stage.plan([stage.world.addReader('ann')]);
    stage.repo.settings.set('labels', [{ name: 'fruit' }]);
    await stage.outcome(plan);
    stage.repo.settings.set('labels', [{ name: 'tree' }]);
    stage.repo.settings.set('default-reviewers', [{ id: 1 }]);
    const fault = stage.world.bitbucket.faults.add({ kind: 'unavailable', status: 500 }, { path: /\/labels/ });
    expect(await stage.outcome(plan)).toMatchObject({
      state: 'saved',
      warnings: [expect.stringMatching(/^labels could not be read: .*; what was saved before stays$/)],
    });
    const failed = await stage.newest();
    expect(failed.manifest.metadata?.kinds['labels']).toMatchObject({ state: 'failed' });
    expect(failed.of('labels')).toMatchObject([{ value: [{ name: 'fruit' }] }]);
    fault.remove();
    expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', warnings: [] });
    expect((await stage.newest()).of('labels')).toMatchObject([{ value: [{ name: 'tree' }] }]);
  });

  test('that cannot be read is said also of a repo in which nothing else is new', async () => {
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await stage.outcome(plan);
    const fault = stage.world.bitbucket.faults.add({ kind: 'unavailable', status: 500 }, { path: /\/labels/ });
    const warnings = [expect.stringMatching(/^labels could not be read/)];
    expect(await stage.outcome(plan)).toMatchObject({ state: 'unchanged', warnings });
    fault.remove();
    expect(await stage.outcome(plan)).toMatchObject({ state: 'unchanged', warnings: [] });
  });

  test('drops what the plan leaves out from then on', async () => {
    stage.repo.settings.set('labels', [{ name: 'fruit' }]);
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await stage.outcome(plan);
    await stage.world.call('plan.edit', { id: plan.id, changes: { leaveOut: ['labels'] } });
    expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', kind: 'metadata-only' });
    expect(stage.asked(/\/labels$/)).toEqual([]);
    const { manifest, of } = await stage.newest();
    expect(manifest.metadata?.kinds['labels']).toEqual({ state: 'left-out' });
    expect(of('labels')).toEqual([]);
  });

  test('that dies between the metadata and the manifest leaves an orphan and no snapshot', async () => {
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await stage.outcome(plan);
    stage.repo.settings.set('labels', [{ name: 'fruit' }]);
    let orphan: readonly string[] = [];
    // Each step in turn, until one falls between the two.
    for (let offset = 1; offset < 200 && orphan.length === 0; offset += 1) {
      const { manifests } = await stage.state();
      faults.dieAt = faults.steps + offset;
      const ended: unknown = await stage.outcome(plan).catch((error: unknown) => error);
      expect(ended instanceof Died || !(ended instanceof Error)).toBe(true);
      faults.dieAt = Infinity;
      const after = await stage.state();
      expect(after.violations).toEqual([]);
      if (after.manifests.length === manifests.length) orphan = after.orphans.filter((name) => name.includes('/metadata/'));
      else break;
    }
    expect(orphan).toHaveLength(1);
    expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', kind: 'metadata-only', records: 1 });
  });
});

describe('who is asked', () => {
  test('what only administrators may read is never asked with a credential known to be none', async () => {
    const [admin, reader] = [stage.addAdmin('root'), stage.world.addReader('ann')];
    const plan = await stage.plan([reader, admin]);
    await stage.outcome(plan);
    const admins = /\/(?:webhooks|restrictions|access-keys|ssh|settings\/hooks|permissions\/(?:users|groups))$/;
    expect(stage.asked(admins, admin.id).length).toBeGreaterThan(3);
    // Whose rights nobody told is asked once, for the project and for the repo, and refused.
    const refused = stage.world.bitbucket.requests.filter(({ tokenId, status }) => tokenId === reader.id && [401, 403].includes(status));
    expect(refused.length).toBeLessThanOrEqual(2);
    const known = JSON.stringify(['PROJECT_READ', 'REPO_READ']);
    await stage.world.app.db.updateTable('credentials').set({ permissions_json: known }).where('name', '=', reader.name).execute();
    await stage.outcome(plan);
    expect(stage.asked(admins, reader.id)).toEqual([]);
    expect(stage.asked(admins, admin.id).length).toBeGreaterThan(3);
  });

  test('a list of pull requests that is throttled in its middle goes on with another user', async () => {
    const users = [stage.world.addReader('ann'), stage.world.addReader('bob')];
    await manyPullRequests(stage.world.bitbucket, stage.repo, { count: 250, comments: 0 });
    const plan = await stage.plan(users);
    stage.world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 600 }, { path: /\/pull-requests\?.*start=100/, times: 1 });
    const before = stage.world.clock.now();
    expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', warnings: [] });
    expect(stage.world.clock.now() - before).toBeLessThan(600_000);
    const pages = stage.world.bitbucket.requests.filter(
      ({ path, query }) => path.endsWith('/pull-requests') && query.includes('start=100'),
    );
    expect(pages.map(({ status }) => status)).toEqual([429, 200]);
    expect(pages[0]?.user).not.toBe(pages[1]?.user);
    expect((await stage.newest()).of('pull-requests')).toHaveLength(250);
  });

  test('five hundred pull requests take one request each, and five changed ones no more than theirs and the pages', async () => {
    const pulls = await manyPullRequests(stage.world.bitbucket, stage.repo, { count: 500, comments: 30 });
    const plan = await stage.plan([stage.world.addReader('ann')], ['lfs']);
    await stage.outcome(plan);
    expect(stage.asked(/\/repos\/one\/pull-requests$/)).toHaveLength(5);
    expect(stage.asked(/\/activities$/)).toHaveLength(500);
    for (const pull of pulls.filter(({ id }) => id % 100 === 7))
      addComment({ repo: stage.repo, pull }, { user: pull.author, at: stage.world.clock.now() }, { text: 'Late' });
    expect(await stage.outcome(plan)).toMatchObject({ state: 'saved', records: 5 });
    expect(stage.asked(/\/repos\/one\/pull-requests(?:$|\/)/)).toHaveLength(5 + 5);
  });
});
