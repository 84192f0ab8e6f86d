import { BitbucketError } from './errors.ts';
import type { Call } from './router.ts';

const formTypes = /^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)/;

/**
 * Atlassian's XSRF check: a request that rides on a browser session and could come from another site's form or page is refused,
 * unless it carries `X-Atlassian-Token: no-check` (which a foreign page cannot send).
 * @throws BitbucketError 403.
 */
export function refuseForgery({ request, identity, method }: Call): void {
  if (identity.kind !== 'session' || method === 'GET' || method === 'HEAD') return;
  const { origin, host } = request.headers;
  const foreign = origin !== undefined && URL.parse(origin)?.host !== host;
  const form = method === 'POST' && formTypes.test(request.headers['content-type'] ?? 'text/plain');
  const excused = request.headers['x-atlassian-token'] === 'no-check';
  if (foreign || (form && !excused)) {
    throw new BitbucketError(403, [{ context: null, message: 'XSRF check failed', exceptionName: null }]);
  }
}
