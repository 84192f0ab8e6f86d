import { describe, expect, test } from 'vitest';
import type { Plan, PlanSettings } from '@gitprotect/shared/plan';
import { type PlanDraft, changesOf, draftOf, newDraft, problemsOf, settingsOf } from './plan-draft.ts';

const now = Date.UTC(2026, 10, 22);
const plan: Plan = {
  id: 'n1',
  name: 'Nightly',
  projectIds: ['p1', 'p2'],
  schedule: { cron: '0 2 * * *', timeZone: 'Europe/Warsaw' },
  window: null,
  share: 80,
  keep: { daily: 7, weekly: 4 },
  additional: { enabled: true, credentialIds: ['c2', 'c3'] },
  leaveOut: [],
  copyTo: null,
  createdAt: '2026-11-01T00:00:00.000Z',
  accounts: [],
  users: 1,
  repos: null,
  lastRun: null,
  nextDue: null,
  running: null,
  warnings: [],
};

describe('a plan’s draft', () => {
  test('sends back what it was made of', () => {
    const { name, projectIds, schedule, window, keep, additional, share, leaveOut, copyTo } = plan;
    expect(settingsOf(draftOf(plan, 'UTC'))).toEqual({ name, projectIds, schedule, window, keep, additional, share, leaveOut, copyTo });
  });

  test('has no changes after edits that come to nothing', () => {
    const start = draftOf(plan, 'UTC');
    const additional = { enabled: true, credentialIds: ['c3', 'c2'] };
    expect(changesOf({ ...start, name: 'Nightly ', projectIds: ['p2', 'p1'], additional }, start)).toEqual({});
  });

  const changes: [string, Partial<PlanDraft>, Partial<PlanSettings>][] = [
    ['name', { name: 'Daily' }, { name: 'Daily' }],
    ['projects', { projectIds: ['p1'] }, { projectIds: ['p1'] }],
    ['time zone', { timeZone: 'UTC' }, { schedule: { cron: '0 2 * * *', timeZone: 'UTC' } }],
    ['hours', { hours: { from: '22:00', to: '06:00' } }, { window: { from: '22:00', to: '06:00', timeZone: 'Europe/Warsaw' } }],
    ['share', { share: 60 }, { share: 60 }],
    ['rules', { keep: { last: '', hourly: '', daily: '', weekly: '4', monthly: '', yearly: '', within: '' } }, { keep: { weekly: 4 } }],
    ['accounts', { additional: { enabled: true, credentialIds: ['c2'] } }, { additional: { enabled: true, credentialIds: ['c2'] } }],
  ];
  test.for(changes)('sends the %s alone when nothing else was edited', ([, edit, sent]) => {
    const start = draftOf(plan, 'UTC');
    expect(changesOf({ ...start, ...edit }, start)).toEqual(sent);
  });

  test('leaves out rules that are empty', () => {
    const draft = { ...draftOf(plan, 'UTC'), keep: { last: '', hourly: ' ', daily: '', weekly: '', monthly: '', yearly: '', within: ' ' } };
    expect(settingsOf(draft).keep).toEqual({});
  });
});

describe('what is wrong with a draft', () => {
  test('a new one lacks name and projects, and nothing else', () => {
    expect(Object.keys(problemsOf(newDraft('UTC'), now))).toEqual(['name', 'projects']);
  });

  test('a whole one has no problem', () => {
    expect(problemsOf(draftOf(plan, 'UTC'), now)).toEqual({});
  });

  test('a cron expression is judged as the agent will judge it', () => {
    const draft = draftOf(plan, 'UTC');
    const problem = (cron: string) => problemsOf({ ...draft, when: { ...draft.when, kind: 'custom', cron } }, now).schedule;
    expect(problem('0 2 * *')).toContain('five fields');
    expect(problem('0 2 30 2 *')).toContain('never comes due');
    expect(problem('*/10 * * * *')).toBeUndefined();
  });

  test('a window without length is none', () => {
    expect(problemsOf({ ...draftOf(plan, 'UTC'), hours: { from: '22:00', to: '22:00' } }, now).window).toContain('no length');
  });

  test.for(['-1', '1.5', 'seven', '10001', '1e3'])('“%s” is not a number of snapshots', (text) => {
    const draft = draftOf(plan, 'UTC');
    expect(problemsOf({ ...draft, keep: { ...draft.keep, daily: text } }, now).keep).toContain('daily');
  });
});
