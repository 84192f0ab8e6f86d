import { asAppError } from '@gitprotect/shared/errors';
import type { Finding } from '@gitprotect/shared/finding';
import { formatBytes, formatCount } from '@gitprotect/shared/format';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import { type ManifestPlace, readManifest } from '../catalogue/manifest-object.ts';
import { kindOf, manifestName, serversFolder } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import { probeStorage } from '../storages/probe.ts';
import { failed, ok, problem, warning } from './finding.ts';

/** What the storage is compared with. */
export interface StorageParts {
  /** Opens the storage, with the keys that open its objects. */
  readonly open: () => Promise<ManifestPlace>;
  /** Snapshots as the database knows them now. */
  readonly snapshots: () => Promise<readonly Pick<Snapshot, 'serverId' | 'repoId' | 'id'>[]>;
  /** Bytes that the largest of the recent runs wrote. */
  readonly largestRun: number;
  readonly signal: AbortSignal;
}

/** Whether the storage can be reached and written, has room, and holds what the database says it does. */
export async function examineStorage({ open, snapshots, largestRun, signal }: StorageParts): Promise<Finding[]> {
  try {
    const place = await open();
    const { storage } = place;
    const broken = (await probeStorage(storage, { large: false, signal })).filter(({ state }) => state === 'problem');
    if (broken.length > 0) return broken;
    const free = await storage.freeBytes();
    // The database is asked before and after: a snapshot committed in between is no difference.
    const before = (await snapshots()).map(nameOf);
    const there = await manifests(storage, signal);
    const after = new Set((await snapshots()).map(nameOf));
    const strange = [...there].filter((name) => !after.has(name));
    return [
      ok('storage', `${storage.place} can be reached and written`),
      ...judgeRoom(free, largestRun),
      judgeSync({ there, before: new Set(before), strange: strange.length }),
      ...(await examineStrange(place, strange[0], signal)),
    ];
  } catch (error) {
    signal.throwIfAborted();
    return [failed('storage', error)];
  }
}

const nameOf = (snapshot: Pick<Snapshot, 'serverId' | 'repoId' | 'id'>): string => manifestName(snapshot, snapshot.id);

async function manifests(storage: Storage, signal: AbortSignal): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { name } of storage.list(serversFolder)) {
    signal.throwIfAborted();
    if (kindOf(name).kind === 'manifest') names.add(name);
  }
  return names;
}

const least = 100_000_000;
const comfortable = 1_000_000_000;

/** Bytes that are free against what runs write. `null`: the storage does not say. */
export function judgeRoom(free: number | null, largestRun: number): Finding[] {
  if (free === null) return [];
  const message = `${formatBytes(free)} free`;
  const remedy = 'make room, or move the storage to a larger disk';
  if (free < Math.max(least, largestRun)) {
    return [
      problem('storage', largestRun > free ? `${message}: less than a recent run wrote (${formatBytes(largestRun)})` : message, remedy),
    ];
  }
  return [free < Math.max(comfortable, 3 * largestRun) ? warning('storage', `only ${message}`, remedy) : ok('storage', message)];
}

/** Whether a snapshot that the database does not know can be opened at all: with another vault's keys none can. */
async function examineStrange(place: ManifestPlace, name: string | undefined, signal: AbortSignal): Promise<Finding[]> {
  if (name === undefined) return [];
  try {
    await readManifest(place, name, { signal });
    return [];
  } catch (error) {
    signal.throwIfAborted();
    return [
      problem(
        'storage',
        asAppError(error).message,
        'run no plan; put back the vault of the agent that wrote it, or restore by hand with the recovery key (docs/operating.md)',
      ),
    ];
  }
}

/** Names of manifests in storage, and in the database just before; how many are in storage that the database does not know just after. */
export function judgeSync(known: {
  readonly there: ReadonlySet<string>;
  readonly before: ReadonlySet<string>;
  readonly strange: number;
}): Finding {
  const gone = [...known.before].filter((name) => !known.there.has(name));
  const [first = ''] = gone;
  if (gone.length > 0) {
    return problem(
      'storage',
      `${formatCount(gone.length, 'snapshot')} of ${formatCount(known.before.size, 'listed snapshot')} ${gone.length === 1 ? 'is' : 'are'} not in storage (${first})`,
      'put the storage back from a copy and find out who removes from it; to go on with what is there: gitprotect-agent catalogue rebuild',
    );
  }
  const { strange } = known;
  if (strange > 0) {
    return warning(
      'storage',
      `${formatCount(strange, 'snapshot')} in storage ${strange === 1 ? 'is' : 'are'} not in the database`,
      'gitprotect-agent catalogue rebuild',
    );
  }
  return ok('storage', `${formatCount(known.there.size, 'snapshot')}, each of them in storage and in the database`);
}
