import type { Credential } from '@gitprotect/shared/credential';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/schema.ts';

/**
 * For each credential the plans that use it now: those with a project it is the own one of; and those with a project it is attached to
 * whose *Additional git credentials* switch and this account's toggle are both on.
 */
export async function plansUsing(db: Kysely<Tables>): Promise<Map<string, Credential['plans']>> {
  const rows = await db
    .selectFrom('attachments')
    .innerJoin('plan_projects', 'plan_projects.project_id', 'attachments.project_id')
    .innerJoin('plans', 'plans.id', 'plan_projects.plan_id')
    .leftJoin('plan_credentials', (join) =>
      join.onRef('plan_credentials.plan_id', '=', 'plans.id').onRef('plan_credentials.credential_id', '=', 'attachments.credential_id'),
    )
    .select(['plans.id', 'plans.name', 'attachments.credential_id'])
    .distinct()
    .where((where) =>
      where.or([
        where('attachments.own', '=', 1),
        where.and([where('plans.additional_enabled', '=', 1), where('plan_credentials.credential_id', 'is not', null)]),
      ]),
    )
    .orderBy('plans.name')
    .execute();
  const plans = new Map<string, Credential['plans']>();
  for (const { id, name, credential_id: credentialId } of rows) plans.set(credentialId, [...(plans.get(credentialId) ?? []), { id, name }]);
  return plans;
}
