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
    remedy: `if ${base} is the right address of this Bitbucket, use that one`,
    facts,
  });
}

function baseOf(target: URL): string {
  try {
    return parseServerUrl(target.href);
  } catch {
    return target.host === '' ? target.protocol : target.host;
  }
}
