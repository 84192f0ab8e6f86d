import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import type { RawAnswer } from './exchange.ts';

/** Bitbucket's envelope; an unknown route answers with `message` alone. */
const Envelope = v.looseObject({
  errors: v.optional(v.array(v.looseObject({ message: v.nullish(v.string()), exceptionName: v.nullish(v.string()) }))),
  message: v.nullish(v.string()),
});

/** What Bitbucket says of a refusal, in its own words. */
export interface Refusal {
  /** Without the package: `NoSuchProjectException`; empty when it says none. */
  readonly exception: string;
  /** One line, cut to what fits in a message. */
  readonly words: string;
}

/** Reads the error envelope; anything else is a refusal without words. */
export function readRefusal(body: string): Refusal {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { exception: '', words: '' };
  }
  const envelope = v.safeParse(Envelope, json);
  if (!envelope.success) return { exception: '', words: '' };
  const first = envelope.output.errors?.[0];
  const words = (first?.message ?? envelope.output.message ?? '').replace(/\p{Cc}+/gu, ' ').trim();
  return { exception: first?.exceptionName?.split('.').at(-1) ?? '', words: words.slice(0, 200) };
}

/** Seconds from `Retry-After`, in either of its forms (RFC 9110 §10.2.3); `null` when absent or senseless. At most an hour. */
export function retryAfterSeconds(value: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  const seconds = /^\s*\d+\s*$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isNaN(seconds) ? null : Math.min(3600, Math.max(0, seconds));
}

type Refused = Pick<RawAnswer, 'url' | 'status' | 'headers' | 'body'>;

/**
 * The error for an answer that is no success. `withToken`: whether a credential was sent; `now` in milliseconds since 1970. `change`: something
 * was sent to be stored, so a refusal is about that.
 */
export function answerError(answer: Refused, withToken: boolean, now: number, change = false): AppError {
  const { status, headers, url } = answer;
  const { host, pathname } = new URL(url);
  const { exception, words } = readRefusal(answer.body);
  const said = words === '' ? '' : `: “${words}”`;
  const retry = retryAfterSeconds(headers['retry-after'], now);
  const facts = { status, ...(exception === '' ? {} : { exception }), ...(retry === null ? {} : { retryAfterSeconds: retry }) };
  const error = (code: AppError['code'], message: string, remedy: string) => new AppError(code, message, { remedy, facts });

  if (status === 401 || status === 403) {
    if (!withToken) {
      return error('server-bad-answer', `${host} answers ${pathname} to nobody without a sign-in`, 'check what stands before Bitbucket');
    }
    // 401 is also Bitbucket's word for “known, but not permitted”.
    if (exception === 'AuthorisationException' || (headers['x-ausername'] ?? '') !== '' || (status === 403 && exception !== '')) {
      if (change) {
        return error(
          'token-no-write',
          `the token may not change ${pathname} at ${host}${said}`,
          'use a token of somebody who administers the project, with PROJECT_ADMIN or REPO_ADMIN',
        );
      }
      return error(
        'token-no-read',
        `the token may not read ${pathname} at ${host}${said}`,
        'give its owner, or the token, the right to read',
      );
    }
    return rejected(host, answer, { exception, words }, facts);
  }
  switch (status) {
    case 404:
      if (exception === 'NoSuchProjectException') {
        return error(
          'project-not-found',
          `${host} shows no such project${said}`,
          "check the key, and that the token's owner may see the project",
        );
      }
      if (exception === 'NoSuchRepositoryException') {
        return error('repo-not-found', `${host} shows no such repository${said}`, "check the name, and that the token's owner may see it");
      }
      return error('not-found', `${host} has nothing at ${pathname}${said}`, 'check the address of the server, its context path included');
    case 429:
      return error('throttled', `${host} throttles this user`, 'wait, or enable additional credentials of other users');
    case 503:
      return error(
        'server-busy',
        `${host} is not available at the moment (HTTP 503)${said}`,
        'wait until Bitbucket has started or has less to do',
      );
    case 400:
      // nginx and Tomcat answer plain HTTP on a TLS port in words.
      if (url.startsWith('http:') && /HTTPS port|requires TLS/i.test(answer.body)) {
        return error('server-needs-https', `${host} speaks https, and the address says http`, `use https://${host}`);
      }
  }
  if (change && status < 500) {
    return error('server-refused', `${host} refused the change to ${pathname} (HTTP ${status})${said}`, 'put right what Bitbucket says');
  }
  if (status >= 500) return error('server-error', `${host} failed (HTTP ${status})${said}`, "look in Bitbucket's own log");
  return error('server-bad-answer', `${host} refused ${pathname} (HTTP ${status})${said}`, 'check the address of the server');
}

function rejected(host: string, answer: Refused, { exception, words }: Refusal, facts: AppError['facts']): AppError {
  const denial = answer.headers['x-authentication-denied-reason'] ?? '';
  if (/expired/i.test(words)) {
    return new AppError('token-expired', `${host} says that this token has expired`, { remedy: 'create a new token', facts });
  }
  if (denial.includes('CAPTCHA')) {
    return new AppError('token-rejected', `${host} wants a CAPTCHA solved before it accepts this user again`, {
      remedy: "let the token's owner sign in once in the browser",
      facts,
    });
  }
  if (exception === 'NoAccessAuthenticationException') {
    return new AppError('token-rejected', `${host} knows this token, but its owner may not use Bitbucket`, {
      remedy: 'ask an administrator to give the user access to Bitbucket',
      facts,
    });
  }
  if (exception === 'AuthenticationRequiredException') {
    return new AppError('token-rejected', `${host} says that no credentials arrived`, {
      remedy: 'check whether a proxy before Bitbucket removes the Authorization header',
      facts,
    });
  }
  return new AppError('token-rejected', `${host} does not accept this token: it is wrong, revoked or expired`, {
    remedy: 'create a new token in Bitbucket and add it',
    facts,
  });
}
