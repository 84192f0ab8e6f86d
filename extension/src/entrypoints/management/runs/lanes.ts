import type { Credential } from '@gitprotect/shared/credential';
import type { RunDetail } from '@gitprotect/shared/run';

/** A stretch of a run, both ends between 0 (its start) and 1 (its end, or now). */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** One user in a run: when its requests were served, and when Bitbucket refused them. */
export interface Lane {
  readonly user: string;
  readonly served: readonly Stretch[];
  readonly throttled: readonly Stretch[];
  /** In milliseconds, all stretches together. */
  readonly throttledFor: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Overlapping and touching spans as one. */
export function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.from - other.from)) {
    const last = result.at(-1);
    if (last !== undefined && span.from <= last.to) result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else result.push(span);
  }
  return result;
}

type Owned = Pick<Credential, 'id' | 'name' | 'owner'>;

/** The users of a run with their stretches, by name. A credential that is gone goes by its id. `now` in milliseconds since 1970. */
export function lanesOf(run: RunDetail, credentials: readonly Owned[], now: number): Lane[] {
  const start = Date.parse(run.startedAt);
  const end = Math.max(start + 1, run.endedAt === null ? now : Date.parse(run.endedAt));
  const served = new Map<string, Span[]>();
  const throttled = new Map<string, Span[]>();
  const userOf = (id: string) => {
    const credential = credentials.find((one) => one.id === id);
    return credential?.owner?.slug ?? credential?.name ?? id;
  };
  for (const { credentialIds, startedAt, endedAt } of run.jobs) {
    if (startedAt === null) continue;
    const span = { from: Date.parse(startedAt), to: endedAt === null ? end : Date.parse(endedAt) };
    for (const user of new Set(credentialIds.map(userOf))) served.set(user, [...(served.get(user) ?? []), span]);
  }
  for (const { credentialId, ownerSlug, from, until } of run.throttles) {
    const user = ownerSlug ?? userOf(credentialId);
    throttled.set(user, [...(throttled.get(user) ?? []), { from: Date.parse(from), to: Math.min(end, Date.parse(until)) }]);
  }
  const scale = (time: number) => Math.min(1, Math.max(0, (time - start) / (end - start)));
  const stretches = (spans: readonly Span[]) => spans.map(({ from, to }) => ({ from: scale(from), to: scale(to) }));
  return [...new Set([...served.keys(), ...throttled.keys()])].toSorted().map((user) => {
    const refused = merged(throttled.get(user) ?? []);
    return {
      user,
      served: stretches(merged(served.get(user) ?? [])),
      throttled: stretches(refused),
      throttledFor: refused.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0),
    };
  });
}
