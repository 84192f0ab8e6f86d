import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerError, readRefusal, retryAfterSeconds } from './answer-error.ts';
import { redirectTarget } from './redirect.ts';
import { waitBefore } from './retry.ts';

const url = 'https://bitbucket.example.com/rest/api/latest/projects/ORCH';
const envelope = (exceptionName: string, message = 'words') => JSON.stringify({ errors: [{ context: null, message, exceptionName }] });
const errorFor = (status: number, body = '', headers: Record<string, string> = {}) => answerError({ url, status, headers, body }, true, 0);

describe('a refusal', () => {
  test.each([
    [401, envelope('com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException'), {}, 'token-rejected'],
    [401, envelope('com.atlassian.bitbucket.AuthorisationException'), {}, 'token-no-read'],
    [401, '', { 'x-ausername': 'jane' }, 'token-no-read'],
    [401, '<html>', {}, 'token-rejected'],
    [401, envelope('x.IncorrectPasswordAuthenticationException', 'The token has expired'), {}, 'token-expired'],
    [404, envelope('com.atlassian.bitbucket.project.NoSuchProjectException'), {}, 'project-not-found'],
    [404, envelope('com.atlassian.bitbucket.repository.NoSuchRepositoryException'), {}, 'repo-not-found'],
    [404, '{"message":"HTTP 404 Not Found","status-code":404,"sub-code":-1}', {}, 'not-found'],
    [429, '', {}, 'throttled'],
    [503, '', {}, 'server-busy'],
    [500, '', {}, 'server-error'],
    [400, '', {}, 'server-bad-answer'],
  ])('with %d and %s is read as %s %s', (status, body, headers, code) => {
    expect(errorFor(status, body, headers)).toMatchObject({ code });
  });

  test('for throttling carries the seconds to wait', () => {
    expect(errorFor(429, '', { 'retry-after': '7' }).facts).toMatchObject({ retryAfterSeconds: 7 });
    expect(retryAfterSeconds('Thu, 01 Jan 1970 00:00:30 GMT', 10_000)).toBe(20);
    expect(retryAfterSeconds('soon', 0)).toBeNull();
    expect(retryAfterSeconds('99999999', 0)).toBe(3600);
  });

  test('is readable whatever the body is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        const { words } = readRefusal(body);
        expect(words.length).toBeLessThanOrEqual(200);
        expect(words).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

describe('a redirect', () => {
  const base = 'https://bitbucket.example.com/git';
  const from = `${base}/rest/api/latest/projects/OLD`;

  test('is followed within the REST interface of the same server only', () => {
    expect(redirectTarget(base, from, '/git/rest/api/latest/projects/NEW')).toBe(`${base}/rest/api/latest/projects/NEW`);
    for (const location of [
      'https://evil.example.com/git/rest/api/latest/projects/NEW',
      'https://bitbucket.example.com:8443/git/rest/x',
      'https://bitbucket.example.com.evil.example/git/rest/x',
      'http://bitbucket.example.com/git/rest/x',
      '//evil.example.com/git/rest/x',
      '/other/rest/x',
      '/git/rest/../login',
      '/git/restless',
      'file:///git/rest/x',
      undefined,
    ]) {
      expect(() => redirectTarget(base, from, location)).toThrow(/redirect|sends/);
    }
  });

  test('to https on the same host asks for that address', () => {
    expect(() => redirectTarget('http://b.example', 'http://b.example/rest/x', 'https://b.example/rest/x')).toThrow(
      expect.objectContaining({ code: 'server-needs-https', remedy: 'use https://b.example' }),
    );
  });
});

describe('asking again', () => {
  test('backs off, ends, and is not for what asking again cannot mend', () => {
    const busy = errorFor(502);
    expect([1, 2, 3, 4].map((attempt) => waitBefore(attempt, busy, 0.5))).toEqual([375, 750, 1500, null]);
    for (const status of [401, 404, 429]) expect(waitBefore(1, errorFor(status), 0)).toBeNull();
    expect(waitBefore(1, errorFor(503, '', { 'retry-after': '3' }), 0)).toBe(3000);
    expect(waitBefore(1, errorFor(503, '', { 'retry-after': '300' }), 0)).toBeNull();
  });
});
