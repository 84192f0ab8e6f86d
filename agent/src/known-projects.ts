import * as v from 'valibot';
import { KnownProject } from './backup/metadata/save-project.ts';
import type { Database } from './db/database.ts';
import { readMeta, writeMeta } from './keys/meta.ts';

const row = (serverId: string, projectId: string) => `project_metadata ${serverId} ${projectId}`;

/** What the last run had of a project; `null` for its first, or when what was written down cannot be read: then all is read as if new. */
export async function knownProject(db: Database, serverId: string, projectId: string): Promise<KnownProject | null> {
  const text = await readMeta(db, row(serverId, projectId));
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), KnownProject), text);
  return read.success ? read.output : null;
}

export async function rememberProject(db: Database, project: KnownProject): Promise<void> {
  // What belongs to one run alone is left away.
  await writeMeta(db, row(project.serverId, project.id), JSON.stringify(v.parse(KnownProject, project)));
}
