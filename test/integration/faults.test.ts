import { describe, expect, test } from 'vitest';
import type { Fault, When } from '../bitbucket/faults.ts';
import { onAnyListing, onFetch, onListing, once, provesHarmless, sharedStage } from './fault-stage.ts';

type Case = readonly [what: string, fault: Fault, when: When];

const html: Fault = { kind: 'content-type', type: 'text/html' };
const elsewhere: Fault = { kind: 'redirect', to: 'http://127.0.0.1:9/' };

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

  test.each(cases)('fails its repo, in words, and no other: %s', async (...[, fault, when, code, cause]) => {
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
