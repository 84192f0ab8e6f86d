import { cureOf, type Credential } from '@gitprotect/shared/credential';
import type { Finding } from '@gitprotect/shared/finding';
import { formatAgo } from '@gitprotect/shared/format';
import { ok, problem, warning } from './finding.ts';

/** How a credential fared when it was last looked at, and what time has done since. `now` in milliseconds since 1970. */
export function judgeCredential(credential: Credential, now: number): Finding {
  const { name, owner, expiresAt, health } = credential;
  const who = owner === null ? `“${name}”` : `“${name}” of ${owner.slug}`;
  const words = health.message === null ? `${who} is ${health.state}` : `${who}: ${health.message}`;
  switch (health.state) {
    case 'healthy': {
      const checked = health.checkedAt === null ? '' : `, checked ${formatAgo(Date.parse(health.checkedAt), now)}`;
      const ends = expiresAt === null ? 'no known expiry' : `expires ${formatAgo(Date.parse(expiresAt), now)}`;
      if (health.cause === 'no-read') return warning('credential', words, cureOf(credential));
      const remark = health.message === null ? '' : `; ${health.message}`;
      return ok('credential', `${who} is healthy${checked}, ${ends}${remark}`);
    }
    case 'throttled':
      return warning('credential', words, 'nothing: it is used again by itself; a credential of another user adds throughput');
    case 'unchecked':
      return warning('credential', `${who} was never checked`, cureOf(credential));
    case 'expires-soon':
      return warning('credential', words, cureOf(credential));
    case 'expired':
    case 'rejected':
      return problem('credential', words, cureOf(credential));
  }
}
