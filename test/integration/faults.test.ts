import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Job, RunDetail } from '@gitprotect/shared/run';
import type { Plan } from '@gitprotect/shared/plan';
import type { Fault, When } from '../bitbucket/faults.ts';
import { addCommits } from '../bitbucket/history.ts';
import type { Repo, Token } from '../bitbucket/model.ts';
import { commit } from '../repositories/history.ts';
import { allRefs, emptyRepository, fastImport, gitEnvironment } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World } from '../world.ts';

/** A plan over two repos, `hit` and `spared`, one snapshot of each, and a change in both since. */
interface Stage extends AsyncDisposable {
  readonly world: World;
  readonly plan: Plan;
  readonly tokens: readonly Token[];
  readonly hit: Repo;
  jobOf(run: RunDetail, slug: string): Job | undefined;
}

const short = { connect: 1, headers: 0.6, stall: 0.3 };

async function stage(readers: readonly string[] = ['ada'], { saved = true } = {}): Promise<Stage> {
  const world = await World.start({ config: { timeouts: short } });
  const tokens = readers.map((name) => world.addReader(name));
  const repos = ['hit', 'spared'].map((name) => {
    const folder = join(world.root, `${name}.git`);
    cpSync(template, folder, { recursive: true });
    return world.addRepo(name, folder);
  });
  const [hit] = repos;
  if (hit === undefined) throw new Error('there is a repo');
  const plan = await world.plan(tokens);
  if (saved) {
    expect(await world.run(plan)).toMatchObject({ state: 'succeeded', counts: { saved: 2 } });
    for (const repo of repos) await change(repo);
  }
  return {
    world,
    plan,
    tokens,
    hit,
    jobOf: (run, slug) => run.jobs.find((job) => job.slug === slug),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

let template: string;
let changes = 0;

/** Nothing compresses it away, so that a fetch has bytes to be hit in. */
const noise = (): Buffer =>
  createHash('shake256', { outputLength: 5000 })
    .update(String((changes += 1)))
    .digest();

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'gitprotect-template-'));
  emptyRepository(template);
  const refs = ['main', ...Array.from({ length: 12 }, (_, index) => `feature/${index}`)].map((name) => `refs/heads/${name}`);
  await fastImport(
    template,
    refs.map((ref, index) => commit({ ref, mark: index + 1, files: { 'noise.bin': noise() } })),
  );
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

async function change({ folder }: Pick<Repo, 'folder'>): Promise<void> {
  await fastImport(folder, [
    commit({ ref: 'refs/heads/main', mark: 1, parents: ['refs/heads/main^0'], files: { [`noise-${changes}.bin`]: noise() } }),
  ]);
}

/** No harm was done: what is committed is whole, nothing half lies about, and without the fault the next run saves the repo as it is. */
async function provesHarmless({ world, plan, hit }: Stage): Promise<void> {
  const keys = await world.keys();
  expect(await storageInvariants(world.storageFolder, keys)).toMatchObject({ violations: [], unfinished: [] });
  world.bitbucket.faults.clear();
  const run = await world.run(plan);
  expect(run).toMatchObject({ state: 'succeeded', problems: [] });
  const report = await world.restore(hit.slug);
  expect(report).toMatchObject({ verified: true, differences: [] });
  expect(allRefs(report.folder)).toEqual(allRefs(hit.folder));
  expect(await storageInvariants(world.storageFolder, keys)).toMatchObject({ violations: [], unfinished: [] });
}

const onListing: When = { repo: 'PROOF/hit', git: 'ls-refs' };
/** Whatever is asked before a fetch. */
const onAnyListing: When = { repo: 'PROOF/hit', git: ['ls-refs', 'advertise'] };
const onFetch: When = { repo: 'PROOF/hit', git: 'fetch' };
const once = (when: When): When => ({ ...when, times: 1 });

type Case = readonly [what: string, fault: Fault, when: When];

const html: Fault = { kind: 'content-type', type: 'text/html' };
const elsewhere: Fault = { kind: 'redirect', to: 'http://127.0.0.1:9/' };

/** One stage for many faults, one after the other: each leaves it as it was, for that is what is proved. */
function sharedStage(): () => Stage {
  let shared: Stage;
  beforeAll(async () => {
    shared = await stage();
  });
  afterAll(() => shared[Symbol.asyncDispose]());
  beforeEach(async () => {
    for (const { folder } of shared.world.bitbucket.state.repos) await change({ folder });
  });
  return () => shared;
}

describe('a fault that passes', () => {
  const here = sharedStage();
  const cases: readonly Case[] = [
    ['a slow listing', { kind: 'delay', milliseconds: 200 }, onListing],
    ['a slow fetch', { kind: 'delay', milliseconds: 200 }, onFetch],
    ['a throttled listing', { kind: 'throttle', retryAfter: 7 }, once(onListing)],
    ['a throttled fetch', { kind: 'throttle', retryAfter: 7 }, once(onFetch)],
    ['a throttled fetch until a date', { kind: 'throttle', retryAfter: 'Sun, 01 Mar 2026 00:05:00 GMT' }, once(onFetch)],
    ['a throttled fetch that does not say how long', { kind: 'throttle' }, once(onFetch)],
    ['a throttled listing of the project', { kind: 'throttle', retryAfter: 7 }, { path: /^\/rest\/api/, times: 1 }],
    ['an overloaded server at the listing', { kind: 'unavailable' }, once(onListing)],
    ['an overloaded server at the fetch', { kind: 'unavailable', retryAfter: 20 }, once(onFetch)],
    ['a failing server at the fetch', { kind: 'unavailable', status: 500 }, once(onFetch)],
    ['a gateway that gives up', { kind: 'unavailable', status: 504 }, once(onFetch)],
    ['an overloaded server at the listing of the project', { kind: 'unavailable' }, { path: /^\/rest\/api/, times: 1 }],
    ['a reset at the listing', { kind: 'reset' }, once(onListing)],
    ['two resets at the fetch', { kind: 'reset' }, { ...onFetch, times: 2 }],
    ['a listing cut short', { kind: 'cut', at: 300 }, once(onListing)],
    ['a fetch cut before its pack', { kind: 'cut', at: 6 }, once(onFetch)],
    ['a fetch cut in its pack', { kind: 'cut', at: 900 }, once(onFetch)],
    ['a listing truncated', { kind: 'truncate', at: 300 }, once(onListing)],
    ['a listing truncated by a proxy that ends it properly', { kind: 'truncate', at: 300, flush: true }, once(onListing)],
    ['a fetch truncated', { kind: 'truncate', at: 900 }, once(onFetch)],
    ['a fetch truncated by a proxy that ends it properly', { kind: 'truncate', at: 900, flush: true }, once(onFetch)],
    ['a bit flipped in the listing', { kind: 'flip', at: 10 }, once(onListing)],
    ['a bit flipped in the framing of the pack', { kind: 'flip', at: 2 }, once(onFetch)],
    ['a bit flipped in the pack', { kind: 'flip', at: 1200 }, once(onFetch)],
    ['a listing that stalls', { kind: 'stall', at: 100 }, once(onListing)],
    ['a fetch that stalls before its first byte', { kind: 'stall', at: 0 }, once(onFetch)],
    ['a fetch that stalls in its pack', { kind: 'stall', at: 900 }, once(onFetch)],
    ['a listing that is silent', { kind: 'empty' }, once(onListing)],
    ['a fetch that is silent', { kind: 'empty' }, once(onFetch)],
    ['a sign-in page at the listing', { kind: 'login-page' }, once(onListing)],
    ['a sign-in page at the fetch', { kind: 'login-page' }, once(onFetch)],
    ['a pack said to be a web page', html, once(onFetch)],
    ['a server without protocol v2', { kind: 'no-v2' }, {}],
    ['a server that wants the GET first', { kind: 'get-first' }, {}],
  ];

  test.each(cases)('costs time and no backup: %s', async (_, fault, when) => {
    const { world, plan, jobOf } = here();
    const active = world.bitbucket.faults.add(fault, when);
    const run = await world.run(plan);
    expect(active.hits).toBeGreaterThan(0);
    expect(run).toMatchObject({ state: 'succeeded', problems: [], counts: { saved: 2 } });
    expect(jobOf(run, 'hit')?.outcome).toMatchObject({ state: 'saved', kind: 'incremental', warnings: [] });
    await provesHarmless(here());
  });
});

describe('a fault that stays', () => {
  const here = sharedStage();
  const cases: readonly (readonly [...Case, code: string, cause: RegExp])[] = [
    ['an overloaded server at the listing', { kind: 'unavailable' }, onAnyListing, 'server-busy', /HTTP 503/],
    ['an overloaded server at the fetch', { kind: 'unavailable', retryAfter: 20 }, onFetch, 'server-busy', /HTTP 503/],
    ['a failing server at the fetch', { kind: 'unavailable', status: 500 }, onFetch, 'server-error', /HTTP 500/],
    ['resets at the listing', { kind: 'reset' }, onAnyListing, 'server-unreachable', /cannot be reached/],
    ['resets at the fetch', { kind: 'reset' }, onFetch, 'server-unreachable', /cannot be reached/],
    ['listings cut short', { kind: 'cut', at: 300 }, onAnyListing, 'git-cut-stream', /broke|ended|stopped/],
    ['fetches cut in their packs', { kind: 'cut', at: 900 }, onFetch, 'git-cut-stream', /broke|ended|stopped/],
    ['listings truncated', { kind: 'truncate', at: 300 }, onAnyListing, 'git-cut-stream', /ended|stopped|end/],
    ['fetches truncated', { kind: 'truncate', at: 900 }, onFetch, 'git-cut-stream', /ended|stopped|end/],
    ['fetches truncated but ended properly', { kind: 'truncate', at: 900, flush: true }, onFetch, 'git-corrupt-pack', /pack/],
    ['a bit flipped in every pack', { kind: 'flip', at: 1200 }, onFetch, 'git-corrupt-pack', /pack/],
    ['listings that stall', { kind: 'stall', at: 100 }, onAnyListing, 'git-stalled', /stopped sending/],
    ['fetches that stall', { kind: 'stall', at: 900 }, onFetch, 'git-stalled', /stopped sending/],
    ['silence at the listing', { kind: 'empty' }, onAnyListing, 'git-cut-stream', /ended|stopped|end|nothing/],
    ['silence at the fetch', { kind: 'empty' }, onFetch, 'git-cut-stream', /stopped sending/],
    ['a sign-in page at the listing', { kind: 'login-page' }, onAnyListing, 'server-bad-answer', /a web page/],
    ['a sign-in page at the fetch', { kind: 'login-page' }, onFetch, 'server-bad-answer', /a web page/],
    ['packs said to be web pages', html, onFetch, 'server-bad-answer', /a web page/],
    ['a redirect at the listing', elsewhere, onAnyListing, 'server-redirects', /127\.0\.0\.1:9/],
    ['a redirect at the fetch', elsewhere, onFetch, 'server-redirects', /127\.0\.0\.1:9/],
    ['a repo that the credential may not read', { kind: 'unavailable', status: 403 }, onAnyListing, 'token-no-read', /HTTP 403/],
    ['a repo that is gone', { kind: 'unavailable', status: 404 }, onAnyListing, 'repo-not-found', /does not exist/],
  ];

  test.each(cases)('fails its repo, in words, and no other: %s', async (_, fault, when, code, cause) => {
    const { world, plan, jobOf } = here();
    world.bitbucket.faults.add(fault, when);
    const run = await world.run(plan);
    expect(run).toMatchObject({ state: 'partial', problems: [], counts: { saved: 1, failed: 1 } });
    expect(jobOf(run, 'hit')?.outcome).toMatchObject({
      state: 'failed',
      error: { code, message: expect.stringMatching(/^PROOF\/hit: .*http:/), remedy: expect.stringMatching(/\w+ \w+/) },
    });
    expect(jobOf(run, 'hit')?.outcome).toMatchObject({ error: { message: expect.stringMatching(cause) } });
    expect(jobOf(run, 'spared')?.outcome).toMatchObject({ state: 'saved' });
    await provesHarmless(here());
  });

  const wholeProject: readonly (readonly [what: string, fault: Fault, code: string])[] = [
    ['overload', { kind: 'unavailable' }, 'server-busy'],
    ['failure', { kind: 'unavailable', status: 500 }, 'server-error'],
    ['resets', { kind: 'reset' }, 'server-unreachable'],
    ['cut answers', { kind: 'cut', at: 20 }, 'server-unreachable'],
    ['stalls', { kind: 'stall', at: 20 }, 'server-unreachable'],
    ['silence', { kind: 'empty' }, 'server-bad-answer'],
    ['a sign-in page', { kind: 'login-page' }, 'server-bad-answer'],
    ['a redirect', elsewhere, 'server-redirects'],
  ];

  test.each(wholeProject)('where repos are listed fails the project, in words, and is no empty project: %s', async (_, fault, code) => {
    const { world, plan } = here();
    world.bitbucket.faults.add(fault, { path: /^\/rest\/api/ });
    const run = await world.run(plan);
    expect(run).toMatchObject({
      state: 'failed',
      repos: 0,
      problems: [{ code, message: expect.stringMatching(/^PROOF could not be listed: .*127\.0\.0\.1/), remedy: expect.any(String) }],
    });
    await provesHarmless(here());
  });
});

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
    await provesHarmless(here);
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
    expect(await world.call('run.get', { id })).toMatchObject({ state: 'cancelled' });
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
  const forcePush = async (repo: Repo): Promise<void> => {
    await addCommits(repo, [{ orphan: true, files: { 'new.txt': `${(changes += 1)}\n` } }]);
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
    await provesHarmless(here);
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
