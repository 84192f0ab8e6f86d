import { formatBytes, formatCount, formatDuration } from './format.ts';
import * as v from 'valibot';
import { Count } from './text.ts';

/** How a run goes with the plan's window: inside it, inside it with more users, or over so many of them, as no user makes the server faster. */
const Fit = v.variant('kind', [
  v.object({ kind: v.literal('inside') }),
  v.object({ kind: v.literal('more-users'), users: Count, windows: Count }),
  v.object({ kind: v.literal('too-long'), windows: Count }),
]);
type Fit = v.InferOutput<typeof Fit>;

/** What a run of a plan will cost. Milliseconds without the time in which nothing but waiting for the limits happens are `work`. */
const Estimate = v.object({
  requests: Count,
  bytes: Count,
  work: Count,
  /** From its first request to its last, with the users there are. */
  milliseconds: Count,
  /** `null` without a window. */
  fit: v.nullable(Fit),
});
export type Estimate = v.InferOutput<typeof Estimate>;

/** What is to be expected of a plan, from what its runs cost so far. */
export const Forecast = v.object({
  /** Everything anew; `null` while no repo was saved in full. */
  full: v.nullable(Estimate),
  /** What is new since the run before; `null` before the second run. */
  daily: v.nullable(Estimate),
  /** Runs that the daily figures come from. */
  runs: Count,
  users: Count,
  /** Requests a second that the plan may make with all its users; `null` where Bitbucket limits none of them. */
  rate: v.nullable(v.number()),
  /** Whether Bitbucket's limit is known for each user; else Atlassian's example was taken. */
  limitsKnown: v.boolean(),
});
export type Forecast = v.InferOutput<typeof Forecast>;

/** One repo in a run that is over. */
export interface PastJob {
  readonly full: boolean;
  readonly requests: number;
  readonly bytes: number;
  /** Without the time in which every user was throttled. */
  readonly work: number;
}

/** A run that is over. */
export interface PastRun {
  readonly jobs: readonly PastJob[];
  /** Requests that belong to no repo. */
  readonly beside: number;
  /** From its start to its end, without the time in which every user was throttled. */
  readonly work: number;
}

/** What a forecast is made from. */
export interface Known {
  /** Repos of the plan. */
  readonly repos: number;
  /** Runs of the plan, the newest first. */
  readonly runs: readonly PastRun[];
  /** Of each repo the last time it was saved in full, whatever run that was in. */
  readonly fulls: readonly PastJob[];
  /** Of each user the requests a second that Bitbucket lets through; `null` where it does not limit them, `undefined` where nobody knows. */
  readonly limits: readonly (number | null | undefined)[];
  /** The part of a limit that the plan may use: 0.1–1. */
  readonly share: number;
  /** In milliseconds; `null` without one. */
  readonly window: number | null;
}

/** Atlassian's example, in requests a second. */
export const usualLimit = 5;

/** Foretells what a full run and a daily one will cost. */
export function forecast(known: Known): Forecast {
  const { runs, limits, share } = known;
  const rates = limits.map((limit) => (limit === undefined ? usualLimit : limit));
  const unlimited = rates.includes(null);
  const rate = rates.reduce<number>((sum, one) => sum + (one ?? 0), 0) * share;
  const pace = { rate: unlimited ? Infinity : rate, oneMore: rates.length === 0 ? usualLimit * share : rate / rates.length };
  const sameTime = parallel(runs);
  const days = runs.map((run) => dayOf(run, known.repos)).filter((day) => day !== null);
  const estimate = (cost: Cost): Estimate => ({ ...cost, milliseconds: took(cost, pace.rate), fit: fitOf(cost, pace, known.window) });
  return {
    full: known.fulls.length === 0 ? null : estimate(scaled(summed(known.fulls, sameTime), known.repos / known.fulls.length)),
    daily: days.length === 0 ? null : estimate(middle(days)),
    runs: days.length,
    users: limits.length,
    rate: unlimited ? null : rate,
    limitsKnown: limits.every((limit) => limit !== undefined),
  };
}

interface Cost {
  readonly requests: number;
  readonly bytes: number;
  readonly work: number;
}

/** Requests a second with the users there are, and what one more of them adds. */
interface Pace {
  readonly rate: number;
  readonly oneMore: number;
}

function took({ requests, work }: Cost, rate: number): number {
  return Math.round(rate === 0 ? work : Math.max(work, (requests / rate) * 1000));
}

function fitOf(cost: Cost, { rate, oneMore }: Pace, window: number | null): Fit | null {
  if (window === null) return null;
  const windows = Math.ceil(took(cost, rate) / window);
  if (windows <= 1) return { kind: 'inside' };
  if (cost.work > window) return { kind: 'too-long', windows };
  const missing = cost.requests / (window / 1000) - rate;
  return { kind: 'more-users', users: Math.max(1, Math.ceil(missing / oneMore)), windows };
}

/** A run as a daily one: what its repos cost that were not saved in full, for as many as there are now. `null` where those are too few to say. */
function dayOf({ jobs, beside, work }: PastRun, repos: number): Cost | null {
  const usual = jobs.filter(({ full }) => !full);
  if (usual.length === 0 || usual.length < jobs.length / 2) return null;
  const all = summed(jobs, 1);
  const cost = summed(usual, all.work === 0 ? 1 : all.work / work);
  const day = scaled(cost, repos / usual.length);
  return { ...day, requests: day.requests + beside };
}

/** How many repos were worked on at the same time. */
function parallel(runs: readonly PastRun[]): number {
  const work = runs.reduce((sum, run) => sum + run.work, 0);
  const jobs = runs.reduce((sum, run) => sum + summed(run.jobs, 1).work, 0);
  return work === 0 ? 1 : Math.max(1, jobs / work);
}

function summed(jobs: readonly Cost[], sameTime: number): Cost {
  const sum = { requests: 0, bytes: 0, work: 0 };
  for (const { requests, bytes, work } of jobs) {
    sum.requests += requests;
    sum.bytes += bytes;
    sum.work += work;
  }
  return { ...sum, work: sum.work / Math.max(1, sameTime) };
}

function scaled({ requests, bytes, work }: Cost, factor: number): Cost {
  return { requests: Math.round(requests * factor), bytes: Math.round(bytes * factor), work: Math.round(work * factor) };
}

/** The median of each figure: one night with a move of everything says little of the next. */
function middle(days: readonly Cost[]): Cost {
  const of = (pick: (day: Cost) => number) => days.map(pick).toSorted((one, other) => one - other)[Math.floor((days.length - 1) / 2)] ?? 0;
  return { requests: of((day) => day.requests), bytes: of((day) => day.bytes), work: of((day) => day.work) };
}

/** `2,120 requests, 41 GB, about 7 h`. */
export function estimateText({ requests, bytes, milliseconds }: Estimate): string {
  return `${formatCount(requests, 'request')}, ${formatBytes(bytes)}, about ${formatDuration(Math.max(milliseconds, 1000))}`;
}

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** What to do about it, a sentence each; the daily run first, for it is the one that comes again. */
export function adviceOf({ full, daily }: Forecast): string[] {
  return [...fitWords('A daily run', daily?.fit), ...fitWords('A full run', full?.fit)];
}

function fitWords(name: string, fit: Fit | null | undefined): string[] {
  switch (fit?.kind) {
    case undefined:
      return [];
    case 'inside':
      return [`${name} fits into the window.`];
    case 'more-users': {
      const users = `${numbers[fit.users] ?? fit.users.toLocaleString('en-US')} more ${fit.users === 1 ? 'user' : 'users'}`;
      return [`${name} takes ${fit.windows} windows: ${users} would bring it inside.`];
    }
    case 'too-long':
      return [
        `${name} takes ${fit.windows} windows, and more users would not shorten it: give it a longer one, or let it go on in the next.`,
      ];
  }
}

/** What the figures stand on, in a sentence. */
export function basisOf({ users, rate, limitsKnown, runs, full, daily }: Forecast): string {
  if (full === null && daily === null) return 'Nothing is known yet of what a run costs: run the plan once.';
  const pace =
    rate === null ? 'which Bitbucket does not limit' : `${rate.toLocaleString('en-US', { maximumFractionDigits: 1 })} requests a second`;
  const limit =
    limitsKnown || rate === null ? '' : `; Bitbucket’s limit is not known of all of them: ${usualLimit} a second each were assumed`;
  const from =
    daily === null
      ? 'from the first backup alone: what a daily run costs is known after the next'
      : runs === 1
        ? 'from the last run'
        : `from the last ${formatCount(runs, 'run')}`;
  return `With ${formatCount(users, 'user')}, ${pace}${limit}; ${from}.`;
}
