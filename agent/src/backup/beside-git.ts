import type { LfsState, MetadataKind } from '@gitprotect/shared/metadata';
import type { BitbucketClient } from '../bitbucket/client.ts';
import type { KindReader } from '../bitbucket/metadata/kind-reader.ts';
import type { Link, Manifest } from '../catalogue/manifest.ts';
import { writeMetadata } from '../catalogue/metadata-object.ts';
import type { Taken } from '../catalogue/next-manifest.ts';
import type { MetadataRecord } from '../catalogue/metadata-record.ts';
import type { NamedHash } from '../catalogue/ledger-list.ts';
import type { Clock } from '../lib/clock.ts';
import { kindOf, newMetadataName } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import type { BundlePlace } from './fetch-bundle.ts';
import { saveLfs, type LfsPlan, type SavedLfs } from './lfs/save-lfs.ts';
import { Collection, type Collected } from './metadata/collect.ts';
import { metadataAccess } from './metadata/metadata-access.ts';
import type { RepoAccess, RepoToSave } from './repo-access.ts';

/** What a plan backs up beside git, and what that needs. */
export interface BesidePlan {
  readonly client: BitbucketClient;
  readonly readers: readonly KindReader[];
  readonly leaveOut: readonly MetadataKind[];
  /** Whether a credential may be one of an administrator's, as far as is known. */
  readonly administers: (credentialId: string) => boolean;
  /** Large files; `null` where the plan wants none. */
  readonly lfs: LfsPlan | null;
}

/** Git's part of the snapshot that is being made. */
export interface GitSoFar {
  readonly wanted: RepoToSave;
  readonly before: Manifest | undefined;
  readonly newLinks: readonly Link[];
  /** The new bundles need no older ones to be read. */
  readonly standalone: boolean;
  readonly chain: readonly Link[];
  readonly recorded: Pick<Taken, 'objectFormat' | 'refs' | 'head' | 'shallow' | 'leansOn'>;
}

export interface BesideParts {
  readonly access: RepoAccess;
  /** Seals what it writes. */
  readonly storage: Storage;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What a snapshot holds beside git. */
export interface Beside {
  readonly metadata: Manifest['metadata'];
  readonly lfs: LfsState | null;
  /** Something is new: a record, a large file, or what may be read at all. */
  readonly changed: boolean;
  readonly bytes: number;
  readonly records: number;
  readonly lfsObjects: number;
  /** What was added to storage beside the metadata: large files, and words that keep others; and large files that others added and no list names. */
  readonly added: readonly NamedHash[];
  readonly notPermitted: readonly MetadataKind[];
  readonly warnings: readonly string[];
}

/** A backup of git alone. */
export const gitAlone: Beside = {
  metadata: null,
  lfs: null,
  changed: false,
  bytes: 0,
  records: 0,
  lfsObjects: 0,
  added: [],
  notPermitted: [],
  warnings: [],
};

/** Reads large files and metadata of a repo, and writes what is new into one object, named for the snapshot that is being made. */
export async function saveBeside(plan: BesidePlan, git: GitSoFar, at: BundlePlace, parts: BesideParts): Promise<Beside> {
  const { access, storage, clock, signal } = parts;
  const { wanted, before } = git;
  let lfs: SavedLfs | undefined;
  let enabled: boolean | undefined;
  const metadata = before?.metadata ?? null;
  const collection = new Collection({
    readers: plan.readers,
    scope: { projectKey: wanted.repo.projectKey, slug: wanted.repo.slug },
    access: metadataAccess(plan.client, access, plan.administers),
    before: metadata,
    leaveOut: plan.leaveOut,
    now: clock.now(),
    signal,
    onValue: (kind, value) => {
      if (kind === 'lfs') enabled = isOn(value);
    },
  });
  const records = { metadata: 0 };
  const all = async function* (): AsyncGenerator<MetadataRecord, void> {
    for await (const record of collection.records()) {
      records.metadata += 1;
      yield record;
    }
    if (plan.lfs === null) return;
    lfs = await saveLfs({ ...git, enabled }, plan.lfs, parts);
    yield* lfs.records;
  };
  const link = await writeMetadata(storage, newMetadataName(at.place, at.id), all(), { signal });
  const collected = collection.result();
  const { state, bytes, added, unlisted, warnings } = lfs ?? { state: null, bytes: 0, added: [], unlisted: [], warnings: [] };
  return {
    metadata: {
      kinds: collected.kinds,
      index: [...collected.index],
      chain: [...(metadata?.chain ?? []), ...(link === null ? [] : [link])],
    },
    lfs: state,
    changed: link !== null || otherKinds(metadata, collected) || missingOf(before?.lfs ?? null) !== missingOf(state),
    bytes: (link?.bytes ?? 0) + bytes,
    records: records.metadata,
    lfsObjects: added.filter(({ name }) => kindOf(name).kind === 'lfs').length,
    added: [...added, ...unlisted],
    notPermitted: plan.readers.map(({ kind }) => kind).filter((kind) => collected.kinds[kind]?.state === 'not-permitted'),
    warnings: [...collected.warnings, ...warnings],
  };
}

const isOn = (value: unknown): boolean => typeof value === 'object' && value !== null && 'enabled' in value && value.enabled === true;

const statesOf = (kinds: Collected['kinds']): string[] => Object.entries(kinds).map(([kind, { state }]) => `${kind} ${state}`);

/** Whether another kind may be read, or is there, than in the snapshot before. A kind that failed this once is no news. */
function otherKinds(before: Manifest['metadata'], { kinds }: Collected): boolean {
  const known = new Set(statesOf(before?.kinds ?? {}));
  return statesOf(kinds).some((line) => !known.has(line) && !line.endsWith(' failed'));
}

const missingOf = (lfs: LfsState | null): string =>
  (lfs?.missing ?? [])
    .map(({ oid }) => oid)
    .toSorted()
    .join(' ');
