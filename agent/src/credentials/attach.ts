import type { Kysely } from 'kysely';
import type { Tables } from '../db/schema.ts';

/**
 * Attaches a credential to projects. The first one of a project becomes its own; all others are additional. When a project has lost its
 * own, the next one attached takes the place, even if it was there as an additional one: only a person's act promotes.
 */
export async function attach(db: Kysely<Tables>, credentialId: string, projectIds: readonly string[]): Promise<void> {
  for (const projectId of projectIds) {
    const owned = await db
      .selectFrom('attachments')
      .select('credential_id')
      .where('project_id', '=', projectId)
      .where('own', '=', 1)
      .executeTakeFirst();
    const known = db
      .selectFrom('repos')
      .select((count) => count.fn.countAll<number>().as('n'))
      .where('project_id', '=', projectId);
    await db
      .insertInto('attachments')
      .values({ credential_id: credentialId, project_id: projectId, own: owned === undefined ? 1 : 0, sees: null, of: known })
      .onConflict((conflict) =>
        conflict.columns(['credential_id', 'project_id']).doUpdateSet(owned === undefined ? { own: 1 } : { project_id: projectId }),
      )
      .execute();
  }
}

/** Detaches a credential from one project and forgets what it saw there. When it was the project's own, no other takes its place. */
export async function detach(db: Kysely<Tables>, credentialId: string, projectId: string): Promise<void> {
  await db.deleteFrom('attachments').where('credential_id', '=', credentialId).where('project_id', '=', projectId).execute();
  const there = db.selectFrom('repos').select('repo_id').where('project_id', '=', projectId);
  await db.deleteFrom('sightings').where('credential_id', '=', credentialId).where('repo_id', 'in', there).execute();
}
