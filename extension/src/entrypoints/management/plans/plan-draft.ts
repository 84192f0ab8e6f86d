import type { MetadataKind } from '@gitprotect/shared/metadata';
import type { AdditionalCredentials, BackupWindow, Keep, Plan, PlanSettings } from '@gitprotect/shared/plan';
import { keepRules } from '@gitprotect/shared/retention';
import { checkSchedule } from '@gitprotect/shared/schedule';
import { checkWindow } from '@gitprotect/shared/window';
import { Within } from '@gitprotect/shared/within';
import * as v from 'valibot';
import { sameAdditional } from '../../../ui/accounts/plan-accounts.ts';
import { reasonOf } from '../../../ui/words/reason.ts';
import { type When, cronOf, usualWhen, whenOf } from './when.ts';

/** When a plan may ask Bitbucket, in its time zone. */
export type Hours = Omit<BackupWindow, 'timeZone'>;

/** A plan while somebody edits it: texts as they are typed. */
export interface PlanDraft {
  readonly name: string;
  readonly projectIds: readonly string[];
  readonly when: When;
  /** Of the schedule and of the window. */
  readonly timeZone: string;
  readonly hours: Hours | null;
  readonly keep: Readonly<Record<keyof Keep, string>>;
  readonly additional: AdditionalCredentials;
  /** Percent of each user's limit. */
  readonly share: number;
  readonly leaveOut: readonly MetadataKind[];
  readonly copyTo: string | null;
}

/** What is wrong with each part; no entry, nothing wrong. */
export type PlanProblems = Partial<Record<'name' | 'projects' | 'schedule' | 'window' | 'keep', string | undefined>>;

/** A new plan: nightly, a week of days, a month of weeks, a year of months. */
export function newDraft(timeZone: string): PlanDraft {
  return {
    name: '',
    projectIds: [],
    when: usualWhen,
    timeZone,
    hours: null,
    keep: { last: '', hourly: '', daily: '7', weekly: '4', monthly: '12', yearly: '', within: '' },
    additional: { enabled: false, credentialIds: [] },
    share: 80,
    leaveOut: [],
    copyTo: null,
  };
}

const shown = (count: number | undefined) => (count === undefined || count === 0 ? '' : String(count));

export function draftOf(plan: Plan, timeZone: string): PlanDraft {
  const { name, projectIds, schedule, window, keep, additional, share, leaveOut, copyTo } = plan;
  const { last, hourly, daily, weekly, monthly, yearly, within } = keep;
  return {
    name,
    projectIds,
    when: whenOf(schedule?.cron ?? null),
    timeZone: schedule?.timeZone ?? window?.timeZone ?? timeZone,
    hours: window === null ? null : { from: window.from, to: window.to },
    keep: {
      last: shown(last),
      hourly: shown(hourly),
      daily: shown(daily),
      weekly: shown(weekly),
      monthly: shown(monthly),
      yearly: shown(yearly),
      within: within ?? '',
    },
    additional,
    share,
    leaveOut,
    copyTo,
  };
}

/** The schedule as it stands; `null` runs by hand. */
export function scheduleOf({ when, timeZone }: PlanDraft): PlanSettings['schedule'] {
  const cron = cronOf(when);
  return cron === null ? null : { cron, timeZone };
}

/** The window as it stands; `null` is none. */
export function windowOf({ hours, timeZone }: Pick<PlanDraft, 'hours' | 'timeZone'>): BackupWindow | null {
  return hours === null ? null : { ...hours, timeZone };
}

/** What to send. Only for a draft without problems. */
export function settingsOf(draft: PlanDraft): PlanSettings {
  const keep: Keep = {};
  for (const rule of keepRules) if (draft.keep[rule].trim() !== '') keep[rule] = Number(draft.keep[rule]);
  const within = draft.keep.within.trim();
  if (within !== '') keep.within = within;
  const { name, projectIds, additional, share, leaveOut, copyTo } = draft;
  return {
    name: name.trim(),
    projectIds: [...projectIds],
    schedule: scheduleOf(draft),
    window: windowOf(draft),
    keep,
    additional,
    share,
    leaveOut: [...leaveOut],
    copyTo,
  };
}

/** @param now milliseconds since 1970 */
export function problemsOf(draft: PlanDraft, now: number): PlanProblems {
  const problems: PlanProblems = {};
  const name = draft.name.trim();
  if (name === '') problems.name = 'Give the plan a name.';
  else if (name.length > 100) problems.name = 'A name has at most 100 characters.';
  if (draft.projectIds.length === 0) problems.projects = 'Choose at least one project.';
  const schedule = scheduleOf(draft);
  const wrong = schedule === null ? undefined : reasonOf(() => checkSchedule(schedule, now));
  if (wrong !== undefined) problems.schedule = wrong;
  const window = windowOf(draft);
  const shut = window === null ? undefined : reasonOf(() => checkWindow(window));
  if (shut !== undefined) problems.window = shut;
  const kept = keepRules.find((kind) => !/^\d{0,5}$/.test(draft.keep[kind].trim()) || Number(draft.keep[kind]) > 10_000);
  if (kept !== undefined) problems.keep = `“${draft.keep[kept]}” ${kept}: give a whole number up to 10000, or leave it empty.`;
  const within = draft.keep.within.trim();
  if (kept === undefined && within !== '' && !v.safeParse(Within, within).success)
    problems.keep = `“${within}” is no time: write it like 30d, 12h or 1y6m, or leave it empty.`;
  return problems;
}

const sameList = (one: readonly string[], other: readonly string[]) => one.toSorted().join() === other.toSorted().join();

/**
 * What differs between a draft and the one it began as. Only that is sent: what another window changed meanwhile stays.
 * Nothing differs: the answer is empty.
 */
export function changesOf(draft: PlanDraft, base: PlanDraft): Partial<PlanSettings> {
  const [now, before] = [settingsOf(draft), settingsOf(base)];
  return {
    ...(now.name !== before.name && { name: now.name }),
    ...(!sameList(now.projectIds, before.projectIds) && { projectIds: now.projectIds }),
    ...(JSON.stringify(now.schedule) !== JSON.stringify(before.schedule) && { schedule: now.schedule }),
    ...(JSON.stringify(now.window) !== JSON.stringify(before.window) && { window: now.window }),
    ...(JSON.stringify(now.keep) !== JSON.stringify(before.keep) && { keep: now.keep }),
    ...(now.share !== before.share && { share: now.share }),
    ...(!sameAdditional(now.additional, before.additional) && { additional: now.additional }),
    ...(!sameList(now.leaveOut, before.leaveOut) && { leaveOut: now.leaveOut }),
    ...(now.copyTo !== before.copyTo && { copyTo: now.copyTo }),
  };
}
