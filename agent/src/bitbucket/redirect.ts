import { AppError } from '@gitprotect/shared/errors';
import { isWithin, parseServerUrl } from '@gitprotect/shared/server';

/**
 * Where a redirected request may go on, with its token: only to the REST interface of the same server, as after the rename
 * of a project or repo (307).
 * @throws AppError `server-redirects` that names the other place, `server-needs-https` when it is the same host with https
 */
export function redirectTarget(baseUrl: string, from: string, location: string | undefined): string {
  const { host } = new URL(from);
  const target = location === undefined ? null : URL.parse(location, from);
  if (target === null) throw new AppError('server-redirects', `${host} redirects without saying where`, { remedy: 'check the server URL' });
  if (isWithin(`${baseUrl}/rest`, target.href)) return target.href;
  const base = baseOf(target);
  const facts = { target: base };
  if (new URL(from).protocol === 'http:' && target.protocol === 'https:' && target.hostname === new URL(from).hostname) {
    throw new AppError('server-needs-https', `${host} sends everything on to https`, { remedy: `use ${base}`, facts });
  }
  if (/\b(?:login|saml|sso|oauth)\b/i.test(target.pathname)) {
    throw new AppError('server-redirects', `${host} sends the request to a sign-in page at ${target.host}`, {
      remedy: 'let Bitbucket, or the proxy before it, accept HTTP access tokens on its REST and git addresses',
      facts,
    });
  }
  throw new AppError('server-redirects', `${host} redirects to ${base}; a token is never sent on to another address`, {
    remedy: isSafe(from, target)
      ? `if ${base} is the right address of this Bitbucket, use that one`
      : 'let Bitbucket, or the proxy before it, stay with https: the redirect leads to where no token may go',
    facts,
  });
}

/** Whether a person may be told to use the target: never one without encryption in place of one with it. */
export function isSafe(from: string, target: URL): boolean {
  return target.protocol === 'https:' || (target.protocol === 'http:' && from.startsWith('http:'));
}

function baseOf(target: URL): string {
  try {
    return parseServerUrl(target.href);
  } catch {
    return target.host === '' ? target.protocol : target.host;
  }
}
