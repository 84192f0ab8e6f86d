import { AppError } from '@gitprotect/shared/errors';
import { forecast, type Forecast } from '@gitprotect/shared/forecast';
import type { Plan, PlanSettings } from '@gitprotect/shared/plan';
import type { CopyState } from '@gitprotect/shared/storage';
import type { PlanChoice, ProjectView } from '@gitprotect/shared/protocol';
import { windowLength } from '@gitprotect/shared/window';
import type { RunStore } from '../backup/run-store.ts';
import { readCoverage } from '../credentials/coverage.ts';
import { userKey } from '../credentials/credential-row.ts';
import { credentialsInUse, type Use } from '../credentials/in-use.ts';
import type { CredentialStore } from '../credentials/store.ts';
import type { Database } from '../db/database.ts';
import type { Clock } from '../lib/clock.ts';
import type { ProjectStore } from '../servers/project-store.ts';
import { lastFulls, pastRuns } from './past-runs.ts';
import { planChoice } from './plan-choice.ts';
import type { PlanStore, StoredPlan } from './plan-store.ts';
import { planView } from './plan-view.ts';

export interface PlanBookParts {
  readonly db: Database;
  readonly plans: PlanStore;
  readonly projects: ProjectStore;
  readonly credentials: CredentialStore;
  readonly runs: RunStore;
  readonly copies: { state(storageId: string): Promise<CopyState | null> };
  readonly clock: Clock;
  /** Plan id -> run id. */
  readonly running: () => ReadonlyMap<string, string>;
  /** Requests a second that Bitbucket lets a user (a key of `userKey`) make; `null`: no limit, `undefined`: nobody knows. */
  readonly limitOf: (user: string) => number | null | undefined;
}

/** Plans as people see and change them. */
export interface PlanBook {
  list(): Promise<Plan[]>;
  get(id: string): Promise<Plan>;
  /** What its runs will cost, as far as those so far tell. */
  forecast(id: string): Promise<Forecast>;
  add(settings: PlanSettings): Promise<Plan>;
  edit(id: string, changes: Partial<PlanSettings>): Promise<Plan>;
  /** @throws AppError `plan-running` */
  remove(id: string): Promise<void>;
  /** The plans a credential could serve, of the projects it is attached to. */
  choices(credentialId: string): Promise<PlanChoice[]>;
  /** Toggles a credential on in exactly these plans, and their switch with it. @throws AppError `not-found` for a plan it cannot serve */
  enableIn(credentialId: string, planIds: readonly string[]): Promise<PlanChoice[]>;
}

export function planBook(parts: PlanBookParts): PlanBook {
  const { db, plans, projects, credentials, runs, copies, clock, running, limitOf } = parts;

  const view = async (plan: StoredPlan, all: readonly ProjectView[]): Promise<Plan> => {
    const [lastRun] = await runs.list({ planId: plan.id, limit: 1 });
    const uses = await credentialsInUse(db, plan.id);
    return planView(plan, {
      uses,
      credentials: await credentials.list(),
      projects: await Promise.all(all.filter(({ id }) => plan.projectIds.includes(id)).map((project) => coveredBy(project, uses))),
      lastRun,
      copy: plan.copyTo === null ? null : await copies.state(plan.copyTo),
      running: running().get(plan.id) ?? null,
      now: clock.now(),
    });
  };
  /** A project as this plan's accounts see it: others that are attached to it do not help the plan. */
  const coveredBy = async (project: ProjectView, uses: readonly Use[]): Promise<ProjectView> => {
    const used = uses.filter(({ projectId }) => projectId === project.id).map(({ credentialId }) => credentialId);
    const { uncovered } = await readCoverage(db, project.id, used);
    return { ...project, coverage: { ...project.coverage, uncovered: uncovered.map(({ slug }) => slug) } };
  };
  const get = async (id: string): Promise<Plan> => view(await plans.get(id), await projects.list());
  const choices = async (credentialId: string): Promise<PlanChoice[]> => {
    const credential = await credentials.get(credentialId);
    const all = await credentials.list({ serverId: credential.serverId });
    const known = await projects.list();
    const offered = (await plans.list()).map((plan) => planChoice(plan, credential, { credentials: all, projects: known }));
    return offered.filter((choice) => choice !== null);
  };

  return {
    list: async () => {
      const all = await projects.list();
      return Promise.all((await plans.list()).map(async (plan) => view(plan, all)));
    },
    get,
    forecast: async (id) => {
      const { projectIds, repos, share, window } = await get(id);
      const used = new Set((await credentialsInUse(db, id)).map(({ credentialId }) => credentialId));
      const users = new Set((await credentials.list()).filter((one) => used.has(one.id)).map(userKey));
      const [past, fulls] = [await pastRuns(runs, id), await lastFulls(db, projectIds)];
      return forecast({
        repos: repos ?? fulls.length,
        runs: past,
        fulls,
        limits: [...users].map(limitOf),
        share: share / 100,
        window: window === null ? null : windowLength(window),
      });
    },
    add: async (settings) => get((await plans.add(settings)).id),
    edit: async (id, changes) => get((await plans.edit(id, changes)).id),
    remove: async (id) => {
      const run = running().get(id);
      if (run !== undefined) throw new AppError('plan-running', 'this plan is running', { remedy: `cancel its run first: ${run}` });
      await plans.remove(id);
    },
    choices,
    enableIn: async (credentialId, planIds) => {
      const offered = await choices(credentialId);
      for (const id of planIds) {
        if (!offered.some((choice) => choice.id === id)) {
          throw new AppError('not-found', `this credential cannot serve the plan ${id}`, {
            remedy: 'attach it to one of the plan’s projects first',
          });
        }
      }
      for (const { id, own } of offered) {
        if (own) continue;
        const { additional } = await plans.get(id);
        const wanted = planIds.includes(id);
        if (wanted === additional.credentialIds.includes(credentialId) && (!wanted || additional.enabled)) continue;
        const others = additional.credentialIds.filter((one) => one !== credentialId);
        await plans.edit(id, {
          additional: { enabled: additional.enabled || wanted, credentialIds: wanted ? [...others, credentialId] : others },
        });
      }
      return choices(credentialId);
    },
  };
}
