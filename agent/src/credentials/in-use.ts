import type { Kysely } from 'kysely';
import type { Tables } from '../db/schema.ts';

/** A credential that a plan uses, with one of the plan's projects it is used for. */
export interface Use {
  readonly planId: string;
  readonly planName: string;
  readonly credentialId: string;
  readonly projectId: string;
  readonly own: boolean;
}

/**
 * Which credentials the plans use: each project's own always; additional ones only while the plan's *Additional git credentials* switch
 * and that account's toggle are both on. Own ones first.
 */
export async function credentialsInUse(db: Kysely<Tables>, planId?: string): Promise<Use[]> {
  const rows = await db
    .selectFrom('attachments')
    .innerJoin('plan_projects', 'plan_projects.project_id', 'attachments.project_id')
    .innerJoin('plans', 'plans.id', 'plan_projects.plan_id')
    .leftJoin('plan_credentials', (join) =>
      join.onRef('plan_credentials.plan_id', '=', 'plans.id').onRef('plan_credentials.credential_id', '=', 'attachments.credential_id'),
    )
    .select(['plans.id', 'plans.name', 'attachments.credential_id', 'attachments.project_id', 'attachments.own'])
    .$if(planId !== undefined, (query) => query.where('plans.id', '=', planId ?? ''))
    .where((where) =>
      where.or([
        where('attachments.own', '=', 1),
        where.and([where('plans.additional_enabled', '=', 1), where('plan_credentials.credential_id', 'is not', null)]),
      ]),
    )
    .orderBy('plans.name')
    .orderBy('attachments.own', 'desc')
    .execute();
  return rows.map((row) => ({
    planId: row.id,
    planName: row.name,
    credentialId: row.credential_id,
    projectId: row.project_id,
    own: row.own === 1,
  }));
}
