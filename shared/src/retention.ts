import { isWithin, periods } from './civil-time.ts';
import { formatCount } from './format.ts';
import type { Keep } from './plan.ts';
import { stretchOf } from './within.ts';

/** The rules of a plan that count. */
export const keepRules = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const satisfies readonly (keyof Keep)[];
export type KeepRule = (typeof keepRules)[number];

/** One plan's rules, and where its days begin. */
export interface Policy {
  readonly plan: string;
  readonly keep: Keep;
  readonly timeZone: string;
}

/** A snapshot as retention sees it. */
export interface Candidate {
  /** Counts up within the repo. */
  readonly id: string;
  /** ISO 8601. */
  readonly takenAt: string;
  /** It holds something, all of it: a copy worth coming back to. */
  readonly good: boolean;
  /** Somebody holds it; the reason given, perhaps empty. `null`: nobody does. */
  readonly held: string | null;
  /** What of another repo cannot do without it, in words; `null`: nothing. */
  readonly needed?: string | null | undefined;
  /** The agent made it, as far as is known: what somebody else put into storage takes nobody's place. */
  readonly vouched: boolean;
}

/** What stands around the snapshots of one repo. */
export interface Standing {
  /** Of every plan with the repo's project. */
  readonly policies: readonly Policy[];
  /** The repo is there: some credential saw it at the last look. */
  readonly there: boolean;
  /** What must be acknowledged first, in words; `null` when nothing is. */
  readonly guard: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Whether a snapshot stays, and why: each reason one phrase, as `daily 3` or `on hold: audit`. */
export interface Verdict {
  readonly id: string;
  readonly keep: boolean;
  readonly because: readonly string[];
}

/** `7 daily`, `4 weekly`, `all of 30d`; nothing for rules that keep everything. */
export function keepWords(keep: Keep): string[] {
  const counted = keepRules
    .filter((rule) => (keep[rule] ?? 0) > 0)
    .map((rule) => `${keep[rule] ?? 0} ${rule === 'last' ? 'latest' : rule}`);
  return keep.within === undefined ? counted : [...counted, `all of ${keep.within}`];
}

/**
 * Decides which snapshots of one repo stay. Rules are ORed, within a plan and between plans; no plan, or one without rules, keeps everything. What is
 * dated in the future counts for no rule and is never dropped. What the agent does not vouch for takes nobody's place, and goes when no rule would
 * want it beside the others. The newest and the last good one always stay, and everything of a repo that is gone from
 * the server or under guard.
 * @returns one verdict for each snapshot, the newest first
 */
export function judge(snapshots: readonly Candidate[], { policies, there, guard, now }: Standing): Verdict[] {
  const newestFirst = snapshots.toSorted((a, b) => b.takenAt.localeCompare(a.takenAt) || b.id.localeCompare(a.id));
  const past = newestFirst.filter(({ takenAt, vouched }) => vouched && Date.parse(takenAt) <= now);
  const byRules = policies.map((policy) => wantedBy(policy, past, policies.length > 1));
  /** What the rules say to one that nobody vouches for: as if it alone had come to the others. */
  const alone = (one: Candidate): string[] => {
    const joined = newestFirst.filter((other) => other === one || past.includes(other));
    const why = policies.flatMap((policy) => wantedBy(policy, joined, policies.length > 1).get(one.id) ?? []);
    return why.map((phrase) => `${phrase}, though in no signed list`);
  };
  const byNumber = snapshots.toSorted((a, b) => b.id.localeCompare(a.id));
  const [last] = byNumber;
  const lastGood = byNumber.find(({ good, vouched }) => good && vouched);
  const general = [
    ...(policies.length === 0 ? ['no plan backs it up'] : []),
    ...(there ? [] : ['its repository is gone from the server, or nobody sees it']),
    ...(guard === null ? [] : [guard]),
  ];
  return newestFirst.map((one) => {
    const because = [
      ...(one.held === null ? [] : [one.held === '' ? 'on hold' : `on hold: ${one.held}`]),
      ...(one.needed == null ? [] : [one.needed]),
      ...(one.vouched ? byRules.flatMap((wanted) => wanted.get(one.id) ?? []) : alone(one)),
      ...(one === last ? ['the newest'] : one === lastGood ? ['the last good one'] : []),
      ...(Date.parse(one.takenAt) > now ? ['dated in the future'] : []),
      ...general,
    ];
    return because.length > 0 ? { id: one.id, keep: true, because } : { id: one.id, keep: false, because: ['no rule keeps it'] };
  });
}

/** Which snapshots a plan's rules want, and the phrases why. `past`: the newest first, none of the future. */
function wantedBy({ plan, keep, timeZone }: Policy, past: readonly Candidate[], named: boolean): Map<string, string[]> {
  const wanted = new Map<string, string[]>();
  const suffix = named ? ` (${plan})` : '';
  const want = (id: string, why: string): unknown => wanted.set(id, [...(wanted.get(id) ?? []), why + suffix]);
  if (keepWords(keep).length === 0) {
    for (const { id } of past) want(id, 'every snapshot is kept');
    return wanted;
  }
  for (const rule of keepRules) {
    const most = keep[rule] ?? 0;
    let period: string | undefined;
    let count = 0;
    for (const [index, { id, takenAt }] of past.entries()) {
      if (count === most) break;
      const its = rule === 'last' ? id : periods[rule](Date.parse(takenAt), timeZone);
      if (its !== period) want(id, `${rule} ${(count += 1)}`);
      // As restic does: a history that is shorter than the rule keeps its beginning.
      else if (index === past.length - 1) want(id, `the oldest, as ${rule} has ${formatCount(most - count, 'place')} left`);
      period = its;
    }
  }
  const newest = past[0];
  if (keep.within === undefined || newest === undefined) return wanted;
  const stretch = stretchOf(keep.within);
  const before = { instant: Date.parse(newest.takenAt), timeZone };
  for (const { id, takenAt } of past) if (isWithin(Date.parse(takenAt), stretch, before)) want(id, `within ${keep.within}`);
  return wanted;
}
