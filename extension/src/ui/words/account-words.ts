import type { Health } from '@gitprotect/shared/credential';
import { formatAgo } from '@gitprotect/shared/format';
import { sentence } from './sentence.ts';
import type { Word } from './tone.ts';

/** The health of a credential. */
export function healthWord({ state }: Health): Word {
  switch (state) {
    case 'healthy':
      return { tone: 'ok', text: 'healthy' };
    case 'expires-soon':
      return { tone: 'warn', text: 'expires soon' };
    case 'expired':
      return { tone: 'bad', text: 'expired' };
    case 'rejected':
      return { tone: 'bad', text: 'rejected' };
    case 'throttled':
      return { tone: 'warn', text: 'throttled' };
    case 'unchecked':
      return { tone: 'plain', text: 'not checked yet' };
  }
}

/** Whether it can serve nothing until a person acts. */
export function isDead({ state }: Health): boolean {
  return state === 'expired' || state === 'rejected';
}

/** Whether a new token should take its place: no token's expiry can be changed. */
export function needsRenewal(health: Health): boolean {
  return isDead(health) || health.state === 'expires-soon';
}

/**
 * What is wrong with a credential and what puts it right, in sentences, for a page with its buttons near; empty where all is well. The cure is there
 * where `cureOf` has one. `who`: its owner; `null` for a project's token.
 */
export function healthText(health: Health, who: string | null): string {
  return [health.message, cureText(health, who)].flatMap((text) => (text === null ? [] : sentence(text))).join(' ');
}

function cureText(health: Health, who: string | null): string | null {
  switch (health.state) {
    case 'healthy':
      return health.cause === 'no-read' ? `give ${who ?? 'it'} read access there` : null;
    case 'throttled':
      return null;
    case 'unchecked':
      return 'test it';
    case 'expires-soon':
    case 'expired':
    case 'rejected':
      break;
  }
  const maker = who ?? 'an administrator of its project';
  switch (health.cause) {
    case undefined:
    case 'no-read':
      return `renew it: ${maker} makes a new token in Bitbucket`;
    case 'owner-deactivated':
      return `have ${maker} activated in Bitbucket again, or renew it with another user’s token`;
    case 'owner-gone':
      return 'renew it with another user’s token';
  }
}

/** `in 6 days`, `expired 3 days ago`; without a date Bitbucket's page was not there to tell us. */
export function expiryText(expiresAt: string | null, now: number): string {
  if (expiresAt === null) return 'not known';
  const at = Date.parse(expiresAt);
  return at <= now ? `expired ${formatAgo(at, now)}` : formatAgo(at, now);
}

/** `41 / 41`: repos it sees, of those known in the project. */
export function seesText(sees: number | null, of: number | null): string {
  if (sees === null) return 'not looked yet';
  return of === null ? String(sees) : `${sees} / ${of}`;
}
