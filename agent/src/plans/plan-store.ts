import { AppError } from '@gitprotect/shared/errors';
import { metadataKinds } from '@gitprotect/shared/metadata';
import { BackupWindow, Keep, type PlanSettings } from '@gitprotect/shared/plan';
import { checkSchedule } from '@gitprotect/shared/schedule';
import { checkWindow } from '@gitprotect/shared/window';
import * as v from 'valibot';
import type { Database } from '../db/database.ts';
import type { PlanRow } from '../db/schema.ts';
import type { Clock } from '../lib/clock.ts';
import { newId } from '../lib/id.ts';

/** A plan as it is stored. */
export interface StoredPlan extends PlanSettings {
  readonly id: string;
  readonly createdAt: string;
  /** When its schedule last started a run; due times count from here. */
  readonly lastDueAt: string | null;
}

/** Plans in the database. Every change is checked whole before anything is written. */
export interface PlanStore {
  list(): Promise<StoredPlan[]>;
  /** @throws AppError `not-found` */
  get(id: string): Promise<StoredPlan>;
  add(settings: PlanSettings): Promise<StoredPlan>;
  edit(id: string, changes: Partial<PlanSettings>): Promise<StoredPlan>;
  remove(id: string): Promise<void>;
  /** Notes that the schedule has started it. */
  started(id: string, at: string): Promise<void>;
}

export function planStore(db: Database, clock: Clock): PlanStore {
  const read = async (id?: string): Promise<StoredPlan[]> => {
    const rows = await db
      .selectFrom('plans')
      .selectAll()
      .$if(id !== undefined, (query) => query.where('id', '=', id ?? ''))
      .orderBy('name')
      .execute();
    const projects = await db.selectFrom('plan_projects').selectAll().execute();
    const credentials = await db.selectFrom('plan_credentials').selectAll().execute();
    return rows.map((row) => ({
      ...settingsOf(row),
      projectIds: projects.filter((one) => one.plan_id === row.id).map((one) => one.project_id),
      additional: {
        enabled: row.additional_enabled === 1,
        credentialIds: credentials.filter((one) => one.plan_id === row.id).map((one) => one.credential_id),
      },
    }));
  };

  const get = async (id: string): Promise<StoredPlan> => {
    const [plan] = await read(id);
    if (plan === undefined)
      throw new AppError('not-found', `there is no plan ${id}`, { remedy: 'list the plans: gitprotect-agent plan list' });
    return plan;
  };

  const write = async (plan: StoredPlan): Promise<void> => {
    const row: PlanRow = {
      id: plan.id,
      name: plan.name,
      cron: plan.schedule?.cron ?? null,
      time_zone: plan.schedule?.timeZone ?? null,
      window_json: plan.window === null ? null : JSON.stringify(plan.window),
      share: plan.share,
      keep_json: JSON.stringify(plan.keep),
      leave_out_json: JSON.stringify(plan.leaveOut),
      additional_enabled: plan.additional.enabled ? 1 : 0,
      created_at: plan.createdAt,
      last_due_at: plan.lastDueAt,
      copy_to: plan.copyTo,
    };
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('plans')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute();
      await tx.deleteFrom('plan_projects').where('plan_id', '=', plan.id).execute();
      await tx.deleteFrom('plan_credentials').where('plan_id', '=', plan.id).execute();
      for (const id of new Set(plan.projectIds))
        await tx.insertInto('plan_projects').values({ plan_id: plan.id, project_id: id }).execute();
      for (const id of new Set(plan.additional.credentialIds)) {
        await tx.insertInto('plan_credentials').values({ plan_id: plan.id, credential_id: id }).execute();
      }
    });
  };

  const check = async (plan: StoredPlan): Promise<void> => {
    if (plan.projectIds.length === 0) {
      throw new AppError('plan-empty', `plan “${plan.name}” has no project`, { remedy: 'choose at least one project for it' });
    }
    if (plan.schedule !== null) checkSchedule(plan.schedule, clock.now());
    if (plan.window !== null) checkWindow(plan.window);
    const same = await db.selectFrom('plans').select('id').where('name', '=', plan.name).where('id', '!=', plan.id).executeTakeFirst();
    if (same !== undefined) {
      throw new AppError('already-exists', `there is already a plan “${plan.name}”`, { remedy: 'choose another name, or edit that plan' });
    }
    await known(db, 'projects', plan.projectIds, 'project');
    await known(db, 'credentials', plan.additional.credentialIds, 'credential');
    if (plan.copyTo !== null) await known(db, 'storages', [plan.copyTo], 'storage');
  };

  return {
    list: () => read(),
    get,
    add: async (settings) => {
      const plan = { ...settings, id: newId('plan'), createdAt: new Date(clock.now()).toISOString(), lastDueAt: null };
      await check(plan);
      await write(plan);
      return plan;
    },
    edit: async (id, changes) => {
      const before = await get(id);
      const plan = { ...before, ...changes };
      await check(plan);
      // A new schedule counts from now: it must not run at once for a time that passed before anybody asked for it.
      const moved = changes.schedule !== undefined && JSON.stringify(changes.schedule) !== JSON.stringify(before.schedule);
      await write(moved ? { ...plan, lastDueAt: new Date(clock.now()).toISOString() } : plan);
      return get(id);
    },
    remove: async (id) => {
      await get(id);
      await db.deleteFrom('plans').where('id', '=', id).execute();
    },
    started: async (id, at) => {
      await db.updateTable('plans').set({ last_due_at: at }).where('id', '=', id).execute();
    },
  };
}

async function known(db: Database, table: 'projects' | 'credentials' | 'storages', ids: readonly string[], word: string): Promise<void> {
  for (const id of ids) {
    const row = await db.selectFrom(table).select('id').where('id', '=', id).executeTakeFirst();
    if (row === undefined)
      throw new AppError('not-found', `there is no ${word} ${id}`, { remedy: `list them: gitprotect-agent ${word} list` });
  }
}

function settingsOf(row: PlanRow): Omit<StoredPlan, 'projectIds' | 'additional'> {
  return {
    id: row.id,
    name: row.name,
    schedule: row.cron === null || row.time_zone === null ? null : { cron: row.cron, timeZone: row.time_zone },
    window: row.window_json === null ? null : v.parse(BackupWindow, JSON.parse(row.window_json)),
    share: row.share,
    keep: v.parse(Keep, JSON.parse(row.keep_json)),
    leaveOut: readLeaveOut(row.leave_out_json),
    copyTo: row.copy_to,
    createdAt: row.created_at,
    lastDueAt: row.last_due_at,
  };
}

/** A kind that this release does not know is left alone: a newer one may have written it. */
function readLeaveOut(text: string): StoredPlan['leaveOut'] {
  const kinds = v.parse(v.array(v.string()), JSON.parse(text));
  return metadataKinds.filter((kind) => kinds.includes(kind));
}
