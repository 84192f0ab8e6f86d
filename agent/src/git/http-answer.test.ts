import { describe, expect, test } from 'vitest';
import { retryAfterSeconds, whyUnusable } from './http-answer.ts';

const url = 'https://git.example/scm/key/slug.git';
const type = 'application/x-git-upload-pack-result';
const now = Date.UTC(2026, 10, 22, 12, 0, 0);

const to = (location: string, from = url): unknown => whyUnusable({ status: 302, headers: { location } }, from, type, now);

describe('an HTTP answer', () => {
  test('is taken with status 200 and the right content type only', () => {
    expect(whyUnusable({ status: 200, headers: { 'content-type': type } }, url, type, now)).toBeUndefined();
    expect(whyUnusable({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } }, url, type, now)).toMatchObject({
      code: 'server-bad-answer',
      message: expect.stringContaining('a web page'),
    });
    expect(whyUnusable({ status: 200, headers: {} }, url, type, now)?.code).toBe('server-bad-answer');
  });

  test.each([
    [401, 'token-rejected'],
    [403, 'token-no-read'],
    [404, 'repo-not-found'],
    [429, 'throttled'],
    [500, 'server-error'],
    [502, 'server-busy'],
    [503, 'server-busy'],
    [418, 'server-bad-answer'],
    [204, 'server-bad-answer'],
  ])('with status %i is %s and names the repo', (status, code) => {
    expect(whyUnusable({ status, headers: {} }, url, type, now)).toMatchObject({ code, message: expect.stringContaining(url) });
  });

  test('that redirects names the other address; to https it says so', () => {
    expect(to('https://evil.example/x')).toMatchObject({
      code: 'server-redirects',
      facts: { target: 'evil.example' },
      message: expect.stringContaining('evil.example'),
    });
    expect(to('/login')).toMatchObject({ code: 'server-redirects' });
    expect(to('https://git.example/scm/key/slug.git/info/refs', 'http://git.example/scm/key/slug.git')).toMatchObject({
      code: 'server-needs-https',
    });
    expect(to('http://[')).toMatchObject({ code: 'server-redirects' });
  });

  test('that throttles says for how long, in both forms of Retry-After', () => {
    const after = (value: string): unknown =>
      whyUnusable({ status: 429, headers: { 'retry-after': value } }, url, type, now)?.facts['retryAfterSeconds'];
    expect(after('7')).toBe(7);
    expect(after('Sun, 22 Nov 2026 12:01:30 GMT')).toBe(90);
    expect(after('Sun, 22 Nov 2026 11:00:00 GMT')).toBe(0);
    expect(after('soon')).toBeUndefined();
    expect(retryAfterSeconds(undefined, now)).toBeUndefined();
  });
});
