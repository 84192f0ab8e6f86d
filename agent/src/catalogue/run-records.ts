import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { openAge } from '../storage/age.ts';
import { bytesOf } from '../storage/bytes.ts';
import { kindOf, runFolder, runRecordName } from '../storage/layout.ts';
import { asDamage } from './damage.ts';
import type { ManifestPlace } from './manifest-object.ts';
import { RunRecord } from './run-record.ts';
import { fromZstdJson } from './zstd-json.ts';

const sizeLimit = 200_000_000;
const ending = '.json.zst.age';

/** Which run is wanted: by id, or the last one that had begun at a time (milliseconds since 1970); without either the last of all. */
export interface WantedRun {
  readonly runId?: string | undefined;
  readonly at?: number | undefined;
}

/**
 * Reads the record of a run, which must be that of the server and run its name says. `place` has the plain storage.
 * @throws AppError `not-found` when there is none, `backup-damaged` when it cannot be read
 */
export async function readRunRecord(place: ManifestPlace, serverId: string, runId: string, signal: AbortSignal): Promise<RunRecord> {
  const name = runRecordName(serverId, runId);
  const source = await place.storage.get(name, { signal });
  try {
    const packed = await bytesOf(openAge(source, place.keys.identity, name), sizeLimit, name);
    return await decode(packed, { name, serverId, runId });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof AppError ? asDamage(name, error) : error;
  }
}

/** All records of a server that can be read, the newest first; one that is damaged hides no other. */
export async function listRunRecords(place: ManifestPlace, serverId: string, signal: AbortSignal): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  const folder = runFolder(serverId);
  for await (const { name } of place.storage.list(folder)) {
    if (!name.endsWith(ending)) continue;
    try {
      records.push(await readRunRecord(place, serverId, name.slice(folder.length, -ending.length), signal));
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== 'backup-damaged' && error.code !== 'not-found')) throw error;
    }
  }
  return records.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt) || b.runId.localeCompare(a.runId));
}

/**
 * The record that stands for a run, or for a time.
 * @throws AppError `not-found` when the server had no run by then, `backup-damaged` for a run by id whose record cannot be read
 */
export async function findRun(place: ManifestPlace, serverId: string, { runId, at }: WantedRun, signal: AbortSignal): Promise<RunRecord> {
  if (runId !== undefined) return readRunRecord(place, serverId, runId, signal);
  const found = (await listRunRecords(place, serverId, signal)).find(({ startedAt }) => at === undefined || Date.parse(startedAt) <= at);
  if (found !== undefined) return found;
  const when = at === undefined ? '' : ` that began by ${new Date(at).toISOString()}`;
  throw new AppError('not-found', `storage has no record of a run${when}`, {
    remedy: 'choose a later time, or restore repositories one by one',
  });
}

async function decode(
  packed: Uint8Array,
  { name, serverId, runId }: { name: string; serverId: string; runId: string },
): Promise<RunRecord> {
  let content: unknown;
  try {
    content = await fromZstdJson(packed, sizeLimit);
  } catch (error) {
    throw noRecord(name, 'it is not JSON in zstd', error);
  }
  const read = v.safeParse(RunRecord, content);
  if (!read.success) throw noRecord(name, 'its fields are not those of a run');
  // age does not say for which place a file was written: a record moved to another name is found here.
  if (read.output.server.id !== serverId || read.output.runId !== runId) throw noRecord(name, 'it is the record of another run');
  const foreign = read.output.projects.find(({ id, metadata }) => metadata !== null && !isOf(metadata.object, serverId, id));
  if (foreign !== undefined) throw noRecord(name, `it names metadata of project ${foreign.key} that is not the project’s`);
  return read.output;
}

function isOf(object: string, serverId: string, projectId: string): boolean {
  const kind = kindOf(object);
  return kind.kind === 'project' && kind.serverId === serverId && kind.projectId === projectId;
}

function noRecord(name: string, why: string, cause?: unknown): AppError {
  return new AppError('storage-corrupt', `${name} cannot be read as the record of a run: ${why}`, {
    remedy: 'put the object back from a copy of the storage, or choose another run',
    facts: { name },
    cause,
  });
}
