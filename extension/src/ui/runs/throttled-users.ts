import type { Throttle } from '@gitprotect/shared/run';

/** Users whose requests Bitbucket refuses now, and for how much longer in milliseconds. */
export function throttledUsers(throttles: readonly Throttle[], now: number): { user: string; left: number }[] {
  const left = new Map<string, number>();
  for (const { ownerSlug, until, from } of throttles) {
    const user = ownerSlug ?? 'a project token';
    const rest = Date.parse(until) - now;
    if (rest > 0 && Date.parse(from) <= now) left.set(user, Math.max(rest, left.get(user) ?? 0));
  }
  return [...left].map(([user, rest]) => ({ user, left: rest }));
}
