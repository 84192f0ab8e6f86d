import { AppError } from '@gitprotect/shared/errors';

/** The head of an HTTP answer, as the checks need it. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Seconds until `Retry-After`, from either of its forms (RFC 9110 §10.2.3: seconds or a date); undefined when it is absent or senseless. */
export function retryAfterSeconds(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number.parseInt(value, 10);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/**
 * Why an answer cannot be used, or undefined when it can: 200 and of the content type git's protocol prescribes.
 * `url` is the repo's, without credentials; `now` in milliseconds since 1970.
 */
export function whyUnusable(answer: AnswerHead, url: string, contentType: string, now: number): AppError | undefined {
  const { status, headers } = answer;
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (status === 200) {
    if (type === contentType) return undefined;
    const what = type === 'text/html' ? 'a web page' : type === '' ? 'no content type' : `content of type ${type}`;
    return new AppError('server-bad-answer', `${url} answered with ${what} instead of git's protocol`, {
      remedy: 'check the server URL, its context path included, and whether a proxy or a sign-in page stands before it',
    });
  }
  if (status >= 300 && status < 400) return redirected(url, headers['location']);
  const retry = retryAfterSeconds(headers['retry-after'], now);
  const facts = retry === undefined ? { status } : { status, retryAfterSeconds: retry };
  switch (status) {
    case 401:
    case 403:
      // Accepted, and not for this one repo: no reason to give it up. A CAPTCHA is about the user as a whole.
      if (status === 403 && denial(headers) === '') {
        return new AppError('token-no-read', `${url} may not be read with this credential (HTTP 403)`, {
          remedy: 'give its owner, or the token, the right to read this repo',
          facts,
        });
      }
      return new AppError('token-rejected', `${url} refused the credential (HTTP ${status}${denial(headers)})`, {
        remedy: 'check that the token still exists, has not expired and may read this repo',
        facts,
      });
    case 404:
      return new AppError('repo-not-found', `${url} does not exist, or this credential may not see it`, {
        remedy: 'check with a credential that can read the repo before taking it for deleted',
        facts,
      });
    case 429:
      return new AppError('throttled', `${url} answered that this user has made too many requests`, {
        remedy: 'wait, or enable additional credentials of other users in the plan',
        facts,
      });
    case 502:
    case 503:
    case 504:
      return new AppError('server-busy', `${url} is not available at the moment (HTTP ${status})`, { facts });
    default:
      return status >= 500
        ? new AppError('server-error', `${url} failed (HTTP ${status})`, { remedy: "look in the server's log", facts })
        : badRequest(url, status);
  }
}

function redirected(url: string, location: string | undefined): AppError {
  const target = location === undefined ? null : URL.parse(location, url);
  if (target === null) return new AppError('server-redirects', `${url} redirects without saying where`, { remedy: 'check the server URL' });
  const from = new URL(url);
  if (from.protocol === 'http:' && target.protocol === 'https:' && target.hostname === from.hostname) {
    return new AppError('server-needs-https', `${url} redirects to https`, { remedy: `add the server with its address ${target.origin}` });
  }
  return new AppError('server-redirects', `${url} redirects to ${target.host}; a token is never sent on to another address`, {
    remedy: `if ${target.origin} is the server's right address, add the server under that address`,
    facts: { target: target.host },
  });
}

/** Bitbucket says in a header why it refuses a sign-in, as after too many wrong ones. */
function denial(headers: AnswerHead['headers']): string {
  return headers['x-authentication-denied-reason']?.includes('CAPTCHA') === true ? ', it wants a CAPTCHA solved in the browser' : '';
}

function badRequest(url: string, status: number): AppError {
  // Tomcat and nginx answer 400 to plain HTTP on a TLS port.
  if (status === 400 && url.startsWith('http:')) {
    return new AppError('server-needs-https', `${url} answered HTTP 400, as a server does that speaks only https at this port`, {
      remedy: 'add the server with an https address',
    });
  }
  return new AppError('server-bad-answer', `${url} answered HTTP ${status}`, { facts: { status } });
}
