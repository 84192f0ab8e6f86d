import type { Credential } from '@gitprotect/shared/credential';
import type { Finding } from '@gitprotect/shared/finding';
import { formatAgo } from '@gitprotect/shared/format';
import { ok, problem, warning } from './finding.ts';

/** How a credential fared when it was last looked at, and what time has done since. `now` in milliseconds since 1970. */
export function judgeCredential({ id, name, owner, expiresAt, health }: Credential, now: number): Finding {
  const who = owner === null ? `“${name}”` : `“${name}” of ${owner.slug}`;
  const test = `gitprotect-agent credential test ${id}`;
  const words = health.message === null ? `${who} is ${health.state}` : `${who}: ${health.message}`;
  switch (health.state) {
    case 'healthy': {
      const checked = health.checkedAt === null ? '' : `, checked ${formatAgo(Date.parse(health.checkedAt), now)}`;
      const ends = expiresAt === null ? 'no known expiry' : `expires ${formatAgo(Date.parse(expiresAt), now)}`;
      return ok('credential', `${who} is healthy${checked}, ${ends}`);
    }
    case 'expires-soon':
      return warning('credential', words, null);
    case 'throttled':
      return warning('credential', words, 'nothing: it is used again by itself; a credential of another user adds throughput');
    case 'unchecked':
      return warning('credential', `${who} was never checked`, test);
    default:
      return problem('credential', words, `create a new token in Bitbucket and add it, then: gitprotect-agent credential remove ${id}`);
  }
}
