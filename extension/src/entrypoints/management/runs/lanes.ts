import type { RunDetail, UsedCredential } from '@gitprotect/shared/run';

/** A stretch of a run, both ends between 0 (its start) and 1 (its end, or now). */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** One user in a run: when its requests were served, and when Bitbucket refused them. */
interface Lane {
  readonly user: string;
  readonly served: readonly Stretch[];
  readonly throttled: readonly Stretch[];
  /** In milliseconds, all stretches together. */
  readonly throttledFor: number;
}

/** The lanes of a run, and when repos waited because all of their users were throttled. */
interface Lanes {
  readonly users: readonly Lane[];
  readonly waits: readonly Stretch[];
  /** In milliseconds, all stretches together. */
  readonly waitedFor: number;
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

/** Whose a credential was in a run: tokens of one user are one lane. One that nobody wrote down goes by its id. */
export function userIn({ credentials }: { readonly credentials: readonly UsedCredential[] }, credentialId: string): string {
  const used = credentials.find((one) => one.credentialId === credentialId);
  return used?.ownerSlug ?? used?.name ?? credentialId;
}

/** The users of a run with their stretches, by name. `now` in milliseconds since 1970. */
export function lanesOf(run: RunDetail, now: number): Lanes {
  const start = Date.parse(run.startedAt);
  const end = Math.max(start + 1, run.endedAt === null ? now : Date.parse(run.endedAt));
  const served = new Map<string, Span[]>();
  const throttled = new Map<string, Span[]>();
  for (const { credentialIds, startedAt, endedAt } of run.jobs) {
    if (startedAt === null) continue;
    const span = { from: Date.parse(startedAt), to: endedAt === null ? end : Date.parse(endedAt) };
    for (const user of new Set(credentialIds.map((id) => userIn(run, id)))) served.set(user, [...(served.get(user) ?? []), span]);
  }
  const until = ({ from, until: to }: { from: string; until: string }) => ({ from: Date.parse(from), to: Math.min(end, Date.parse(to)) });
  for (const { credentialId, ownerSlug, ...times } of run.throttles) {
    const user = ownerSlug ?? userIn(run, credentialId);
    throttled.set(user, [...(throttled.get(user) ?? []), until(times)]);
  }
  const scale = (time: number) => Math.min(1, Math.max(0, (time - start) / (end - start)));
  const stretches = (spans: readonly Span[]) => spans.map(({ from, to }) => ({ from: scale(from), to: scale(to) }));
  const waits = merged(run.waits.map(until));
  const users = [...new Set([...served.keys(), ...throttled.keys()])].toSorted().map((user) => {
    const refused = merged(throttled.get(user) ?? []);
    return {
      user,
      served: stretches(merged(served.get(user) ?? [])),
      throttled: stretches(refused),
      throttledFor: together(refused),
    };
  });
  return { users, waits: stretches(waits), waitedFor: together(waits) };
}

const together = (spans: readonly Span[]): number => spans.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
