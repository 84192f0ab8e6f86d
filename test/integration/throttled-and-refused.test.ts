import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job } from '@gitprotect/shared/run';
import { describe, expect, test } from 'vitest';
import { addCommits } from '../bitbucket/history.ts';
import type { Repo } from '../bitbucket/model.ts';
import { allRefs, gitEnvironment } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import type { World } from '../world.ts';
import { change, onAnyListing, onFetch, onListing, once, provesHarmless, stage } from './fault-stage.ts';

/** What is told of the job of `hit`, as it comes. */
function listen({ app }: World, hear: (job: Job) => void): Disposable {
  const stop = app.events.subscribe(({ name, body }) => {
    if (name === 'run.progress' && body.job?.slug === 'hit') hear(body.job);
  });
  return { [Symbol.dispose]: stop };
}

describe('throttling', () => {
  test('of the only user is waited out, as long as the server says, and shown', async () => {
    await using here = await stage();
    const { world, plan } = here;
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 90 }, once(onFetch));
    const before = world.clock.now();
    const run = await world.run(plan);
    expect(run.state).toBe('succeeded');
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(90_000);
    expect(run.throttles).toEqual([
      { credentialId: plan.accounts[0]?.credentialId, ownerSlug: 'ada', from: expect.any(String), until: expect.any(String) },
    ]);
    expect(run.waits).toMatchObject([{ until: run.throttles[0]?.until }]);
    expect(run.credentials).toEqual([
      { credentialId: plan.accounts[0]?.credentialId, name: 'backup of ada', ownerSlug: 'ada', requests: run.requests },
    ]);
    await provesHarmless(here);
  });

  test('of the only user shows its job as throttled while it waits, and as running when it goes on', async () => {
    await using here = await stage();
    const { world, plan } = here;
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 90 }, once(onListing));
    const states: string[] = [];
    using _ = listen(world, (job) => states.push(`${job.phase} ${job.outcome?.state ?? ''}`.trim()));
    await world.run(plan);
    expect(states.filter((state, index) => state !== states[index - 1])).toEqual(['running', 'running throttled', 'running', 'done saved']);
  });

  test('of one user of two costs no time: the request moves on', async () => {
    await using here = await stage(['ada', 'ben']);
    const { world, plan } = here;
    world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 900 }, { user: 'ada', git: ['ls-refs', 'fetch'] });
    const before = world.clock.now();
    const run = await world.run(plan);
    expect(run).toMatchObject({ state: 'succeeded', counts: { saved: 2 } });
    expect(world.clock.now()).toBe(before);
    expect(run.throttles.map(({ ownerSlug }) => ownerSlug)).toEqual(['ada']);
    expect(run.waits).toEqual([]);
    expect(new Set(run.credentials.map(({ ownerSlug }) => ownerSlug))).toEqual(new Set(['ada', 'ben']));
    expect(run.credentials.reduce((sum, { requests }) => sum + requests, 0)).toBe(run.requests);
    expect(world.bitbucket.requests.filter(({ git, status, user }) => git === 'fetch' && status === 200 && user !== 'ben')).toEqual([]);
    world.clock.move(900_000);
    await provesHarmless(here);
  });

  test('by a real bucket is met with pauses, and every repo is saved', async () => {
    await using here = await stage();
    const { world, plan } = here;
    for (let index = 0; index < 6; index += 1) await addCommits(world.addRepo(`more-${index}`), [{ files: { 'a.txt': `${index}\n` } }]);
    world.bitbucket.limits.enabled = true;
    Object.assign(world.bitbucket.limits.defaults, { capacity: 3, fillRate: 0.5 });
    const run = await world.run(plan);
    expect(run).toMatchObject({ state: 'succeeded', counts: { saved: 8 } });
    expect(run.throttles.length).toBeGreaterThan(0);
    await provesHarmless(here);
  });

  test('without end is ended by cancelling', async () => {
    await using here = await stage();
    const { world, plan } = here;
    const throttled = world.bitbucket.faults.add({ kind: 'throttle', retryAfter: 60 }, onFetch);
    const { id } = await world.call('run.start', { planId: plan.id });
    while (throttled.hits < 3) await new Promise((resolve) => setImmediate(resolve));
    await world.call('run.cancel', { id });
    while (world.app.runner.running().size > 0) await new Promise((resolve) => setImmediate(resolve));
    const run = await world.call('run.get', { id });
    expect(run.state).toBe('cancelled');
    expect(here.jobOf(run, 'hit')).toMatchObject({ phase: 'done', outcome: { state: 'skipped', reason: 'the run was cancelled' } });
    expect(run.counts.throttled).toBe(0);
    await provesHarmless(here);
  });

  test('of the server as a whole (503) is obeyed: nothing is asked again before its time', async () => {
    await using here = await stage();
    const { world, plan } = here;
    world.bitbucket.faults.add({ kind: 'unavailable', retryAfter: 45 }, once(onFetch));
    const before = world.clock.now();
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded' });
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(45_000);
  });
});

describe('a credential', () => {
  test.each([
    ['before the listing', { kind: 'revoke' }, 'ls-refs'],
    ['before the fetch', { kind: 'revoke' }, 'fetch'],
    ['in the middle of a fetch', { kind: 'revoke', afterBytes: 500 }, 'fetch'],
  ] as const)('revoked %s is marked, and another does its work', async (_, fault, git) => {
    await using here = await stage(['ada', 'ben']);
    const { world, plan } = here;
    world.bitbucket.faults.add(fault, { user: 'ada', git, times: 1 });
    const run = await world.run(plan);
    expect(run.counts).toMatchObject({ saved: 2, failed: 0 });
    // One that was revoked with its last request is found out at the next.
    const next = await world.run(plan);
    expect(next.counts).toMatchObject({ unchanged: 2, failed: 0 });
    const health = new Map((await world.call('credential.list', {})).map((one) => [one.owner?.slug, one.health.state]));
    expect(health.get('ada')).toBe('rejected');
    expect(health.get('ben')).toBe('healthy');
    expect(next.problems).toMatchObject([{ code: 'token-rejected', message: expect.stringContaining('PROOF') }]);
  });

  test('revoked, the only one, fails what is left, in words; with a new token all is saved', async () => {
    await using here = await stage();
    const { world, plan, tokens } = here;
    world.bitbucket.faults.add({ kind: 'revoke' }, { git: 'fetch', times: 1 });
    const run = await world.run(plan);
    expect(run.state).not.toBe('succeeded');
    const codes = run.jobs
      .map(({ outcome }) => (outcome?.state === 'failed' ? outcome.error : undefined))
      .filter((error) => error !== undefined);
    expect(codes.length).toBeGreaterThan(0);
    for (const { code, message, remedy } of codes) {
      expect(['token-rejected', 'not-covered']).toContain(code);
      expect(message).toMatch(/^PROOF\/(?:hit|spared): /);
      expect(remedy).toMatch(/token|credential/);
    }
    const owner = tokens[0]?.actsAs;
    if (owner === undefined) throw new Error('there is a token');
    const fresh = world.bitbucket.state.addToken({ user: owner, name: 'new', permissions: ['PROJECT_READ', 'REPO_READ'] });
    const [server] = await world.call('server.list', {});
    const [revoked] = await world.call('credential.list', {});
    await world.call('credential.remove', { id: revoked?.id ?? '' });
    await world.call('credential.add', { serverId: server?.id ?? '', token: fresh.secret });
    await provesHarmless(here);
  });

  test('refused once, as by a server that starts, serves again when it is accepted again', async () => {
    await using here = await stage();
    const { world, plan } = here;
    world.bitbucket.faults.add({ kind: 'unavailable', status: 401 }, once(onListing));
    const run = await world.run(plan);
    expect(here.jobOf(run, 'hit')?.outcome).toMatchObject({ state: 'failed', error: { code: 'token-rejected' } });
    await provesHarmless(here);
    expect(await world.call('credential.list', {})).toMatchObject([{ health: { state: 'healthy' } }]);
  });

  test('goes to no other address, whoever redirects', async () => {
    const arrived: unknown[] = [];
    const other = createServer((request, response) => {
      arrived.push(request.headers);
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const to = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    try {
      await using here = await stage();
      for (const status of [301, 302, 307, 308]) {
        for (const when of [onAnyListing, onFetch, { path: /^\/rest\// }]) {
          const active = here.world.bitbucket.faults.add({ kind: 'redirect', to, status }, when);
          await here.world.run(here.plan);
          expect(active.hits).toBeGreaterThan(0);
          active.remove();
          await change(here.hit);
        }
      }
      expect(arrived).toEqual([]);
    } finally {
      other.close();
    }
  });
});

describe('a list of refs', () => {
  let pushes = 0;
  const forcePush = async (repo: Repo): Promise<void> => {
    await addCommits(repo, [{ orphan: true, files: { 'new.txt': `${(pushes += 1)}\n` } }]);
    const git = (...args: string[]) => execFileSync('git', args, { cwd: repo.folder, env: gitEnvironment, stdio: 'ignore' });
    git('reflog', 'expire', '--expire=now', '--all');
    git('gc', '--quiet', '--prune=now');
  };

  test('that is out of date when the fetch comes, the old tip gone for good, is made again', async () => {
    await using here = await stage();
    here.world.bitbucket.faults.add({ kind: 'after-listing', run: forcePush }, once(onListing));
    const run = await here.world.run(here.plan);
    expect(here.jobOf(run, 'hit')?.outcome).toMatchObject({ state: 'saved', warnings: [] });
    expect(here.world.bitbucket.requests.filter(({ path, git }) => path.includes('/hit.git') && git === 'ls-refs')).toHaveLength(2);
    await provesHarmless(here);
  });

  test('that is out of date every time fails its repo, and says so', async () => {
    await using here = await stage();
    here.world.bitbucket.faults.add({ kind: 'after-listing', run: forcePush }, onListing);
    const run = await here.world.run(here.plan);
    expect(here.jobOf(run, 'hit')?.outcome).toMatchObject({
      state: 'failed',
      error: { code: 'git-moved', message: expect.stringContaining('changed between listing and fetching') },
    });
    await provesHarmless(here);
  });

  test('that lost most of its refs is asked for again with another credential, then believed with a warning; the old snapshot keeps them', async () => {
    await using here = await stage(['ada', 'ben']);
    const { world, plan, hit } = here;
    const before = allRefs(hit.folder);
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded' });
    await change(hit);
    world.bitbucket.faults.add({ kind: 'truncate', at: 300, flush: true }, onListing);
    const run = await world.run(plan);
    const outcome = here.jobOf(run, 'hit')?.outcome;
    expect(outcome).toMatchObject({ state: 'saved', warnings: [expect.stringMatching(/of 13 refs are gone since the last snapshot/)] });
    const askers = world.bitbucket.requests
      .filter(({ path, git }) => path.includes('/hit.git') && git === 'ls-refs')
      .map(({ user }) => user);
    expect(new Set(askers)).toEqual(new Set(['ada', 'ben']));
    expect(allRefs((await world.restore('hit', '00000002')).folder)).toEqual(before);
    await provesHarmless(here, [{ code: 'mass-change' }]);
  });

  test('that failed once does not cost a request more from then on', async () => {
    await using here = await stage(['ada'], { saved: false });
    const { world, plan } = here;
    world.bitbucket.faults.add({ kind: 'empty' }, { git: 'ls-refs', times: 2 });
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded' });
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded', requests: 2, counts: { unchanged: 2 } });
  });
});

describe('a first backup', () => {
  test.each([
    ['cut', { kind: 'cut', at: 3000 }],
    ['corrupt', { kind: 'flip', at: 3000 }],
    ['stalled', { kind: 'stall', at: 3000 }],
  ] as const)('that is %s leaves no snapshot at all', async (_, fault) => {
    await using here = await stage(['ada'], { saved: false });
    here.world.bitbucket.faults.add(fault, onFetch);
    const run = await here.world.run(here.plan);
    expect(here.jobOf(run, 'hit')?.outcome).toMatchObject({ state: 'failed' });
    const state = await storageInvariants(here.world.storageFolder, await here.world.keys());
    expect(state).toMatchObject({ violations: [], unfinished: [], orphans: [] });
    expect(state.manifests).toHaveLength(1);
    await expect(here.world.restore('hit')).rejects.toMatchObject({ code: 'not-found' });
    await provesHarmless(here);
  });
});
