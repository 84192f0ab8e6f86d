import { AppError, asAppError } from '@gitprotect/shared/errors';
import type { KindStates } from '@gitprotect/shared/metadata';
import { Id } from '@gitprotect/shared/text';
import * as v from 'valibot';
import { indexKey } from '../../catalogue/metadata-index.ts';
import { readMetadata, writeMetadata } from '../../catalogue/metadata-object.ts';
import type { MetadataRecord } from '../../catalogue/metadata-record.ts';
import type { NamedHash } from '../../catalogue/ledger-list.ts';
import { ProjectRecord } from '../../catalogue/run-record.ts';
import type { ManifestPlace } from '../../catalogue/manifest-object.ts';
import { withLease, type WithLeaseOptions } from '../../credentials/with-lease.ts';
import { newProjectMetadataName } from '../../storage/layout.ts';
import type { Storage } from '../../storage/storage.ts';
import type { BesidePlan } from '../beside-git.ts';
import type { ProjectToSave } from '../selection.ts';
import { Collection } from './collect.ts';
import { metadataAccess, type Lending } from './metadata-access.ts';

/** What the next run compares with. */
export const KnownProject = v.object({ ...ProjectRecord.entries, serverId: Id, index: v.array(v.string()) });
export type KnownProject = v.InferOutput<typeof KnownProject>;

/** A project as this run has it. */
export interface SavedProject extends KnownProject {
  /** The object this run wrote, if it wrote one. */
  readonly added: NamedHash | null;
  /** Why not all of it could be read. What could be read before stands on. */
  readonly error: AppError | null;
}

/** The run that reads a project. */
export interface ProjectRun {
  readonly id: string;
  /** Told of each request, and which credential makes it. */
  readonly onRequest: (credentialId: string) => void;
}

export interface SaveProjectParts extends WithLeaseOptions {
  /** How much of each user's limit it may use. */
  readonly share?: number | undefined;
  readonly plan: Pick<BesidePlan, 'client' | 'readers' | 'leaveOut' | 'administers'>;
  /** Its storage is the plain one. */
  readonly place: ManifestPlace;
  /** Seals what it writes. */
  readonly storage: Storage;
  readonly run: ProjectRun;
  /** What the last run had of it; `null` for the first. */
  readonly before: KnownProject | null;
}

/**
 * Reads what a project itself holds. All of it goes into one new object when anything changed, as it is little; else the older one stands. An
 * older one that storage has lost is written anew.
 * @throws AppError when nothing could be read and nothing stands from before, or storage fails
 */
export async function saveProject(wanted: ProjectToSave, parts: SaveProjectParts): Promise<SavedProject> {
  const lending = lendingFor(wanted, parts);
  const { plan, signal, clock } = parts;
  const { values, before } = await standing(parts);
  const collection = new Collection({
    readers: plan.readers,
    scope: { projectKey: wanted.project.key, slug: null },
    access: metadataAccess(plan.client, lending, plan.administers),
    before,
    leaveOut: plan.leaveOut,
    now: clock.now(),
    signal,
  });
  const { id, key, name } = wanted.project;
  const serverId = wanted.server.id;
  let changed = false;
  try {
    for await (const record of collection.records()) {
      changed = true;
      if ('value' in record) values.set(indexKey(record), record);
      else values.delete(indexKey(record));
    }
  } catch (caught) {
    signal.throwIfAborted();
    if (before === null) throw caught;
    return { ...before, added: null, error: asAppError(caught) };
  }
  const link = changed
    ? await writeMetadata(parts.storage, newProjectMetadataName(serverId, id, parts.run.id), each(values.values()), { signal })
    : (before?.metadata ?? null);
  const { kinds, index, warnings } = collection.result();
  const added = changed && link !== null ? { name: link.object, sha256: link.sha256 } : null;
  return { id, key, name, serverId, kinds, metadata: link, index, added, error: errorOf(kinds, warnings) };
}

function errorOf(kinds: KindStates, warnings: readonly string[]): AppError | null {
  if (warnings.length === 0) return null;
  // A right that was taken away costs the run no success: it is somebody's decision.
  const failed = Object.values(kinds).some(({ state }) => state === 'failed');
  return new AppError(failed ? 'server-bad-answer' : 'token-no-read', warnings.join('; '));
}

/** The records of the last run, read back: those of a kind that cannot be read today stay. */
async function standing({ before, place, signal }: SaveProjectParts) {
  const values = new Map<string, MetadataRecord>();
  if (before === null || before.metadata === null) return { values, before };
  try {
    for await (const record of readMetadata(place, [before.metadata], { signal })) values.set(indexKey(record), record);
    return { values, before };
  } catch (error) {
    if (error instanceof AppError && error.code === 'backup-damaged') return { values: new Map<string, MetadataRecord>(), before: null };
    throw error;
  }
}

async function* each(records: Iterable<MetadataRecord>): AsyncGenerator<MetadataRecord> {
  yield* records;
}

function lendingFor({ server, project, credentialIds }: ProjectToSave, { run, share, ...lease }: SaveProjectParts): Lending {
  return {
    mayLend: credentialIds,
    clock: lease.clock,
    signal: lease.signal,
    rest: async (request, avoid) =>
      withLease(
        { serverId: server.id, projectId: project.id, credentialIds, avoid, purpose: 'rest', share },
        async (lent) => {
          run.onRequest(lent.credentialId);
          return request(lent);
        },
        lease,
      ),
  };
}
