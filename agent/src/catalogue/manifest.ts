import { AppError } from '@gitprotect/shared/errors';
import { KindStates, LfsState } from '@gitprotect/shared/metadata';
import { Count, Id, Time } from '@gitprotect/shared/text';
import { ProjectKey, RepoSlug } from '@gitprotect/shared/repo';
import { MassChange } from '@gitprotect/shared/snapshot';
import * as v from 'valibot';
import { readRefLine } from './refs.ts';
import { kindOf, manifestName, snapshotId, type RepoPlace } from '../storage/layout.ts';
import { fromZstdJson, toZstdJson } from './zstd-json.ts';

/** The highest version of the manifest. A reader upgrades older ones, and leaves newer ones alone. */
export const manifestFormat = 2;

const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'not a SHA-256'));
export const ObjectId = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'not an object id'));
const Sequence = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99_999_999));

/** Another snapshot of the same repo, pinned by the SHA-256 of its sealed manifest. */
const OtherSnapshot = v.object({ id: Id, sha256: Sha256 });

/** A snapshot of the repo that a fork comes from, pinned by the SHA-256 of its sealed manifest: its chain is read before the fork's own. */
const LeansOn = v.object({ repoId: Count, id: Id, sha256: Sha256 });
export type LeansOn = v.InferOutput<typeof LeansOn>;

/** HEAD as the server gives it: the branch it names (also one that does not exist yet), and what it comes to. All empty: the server says nothing. */
export const Head = v.object({
  // oxlint-disable-next-line no-control-regex
  symbolic: v.exactOptional(v.pipe(v.string(), v.regex(/^refs\/[^\u0000-\u0020\u007f]+$/, 'not the name of a ref'))),
  oid: v.exactOptional(ObjectId),
  unborn: v.exactOptional(v.boolean()),
});
export type Head = v.InferOutput<typeof Head>;

/** One bundle of a chain. Sizes and hashes are those of the object as it lies in storage, sealed. */
export const Link = v.object({
  object: v.string(),
  kind: v.picklist(['full', 'incremental']),
  bytes: Count,
  sha256: Sha256,
  packBytes: Count,
  packObjects: Count,
  /** How many prerequisites and refs the bundle's header names. */
  prerequisites: Count,
  refsCount: Count,
});
export type Link = v.InferOutput<typeof Link>;

/** One object of a chain of metadata: records that changed, the newest last. Sizes and hashes are those of the object as it lies in storage. */
export const MetadataLink = v.object({
  object: v.string(),
  bytes: Count,
  sha256: Sha256,
  records: Count,
  /** How many records at its start are no part of the snapshot: they came later. See `merges.ts`. */
  skip: v.exactOptional(Count),
});
export type MetadataLink = v.InferOutput<typeof MetadataLink>;

/**
 * What the server has lost of the repo itself: an object in the history, with a path it lies at where one is known; or, as it could not be told which
 * objects, a ref that could not be had at the object it names.
 */
export const Lost = v.object({ oid: ObjectId, kind: v.picklist(['object', 'ref']), name: v.nullable(v.string()) });
export type Lost = v.InferOutput<typeof Lost>;

/** What a snapshot holds beside git. */
const Metadata = v.object({
  kinds: KindStates,
  /** One line for each record that stands (see `metadata-index.ts`): what the next backup compares with. */
  index: v.array(v.string()),
  /** In the order they were written. Of a record written more than once the last one stands. */
  chain: v.array(MetadataLink),
});

/** The refs: a whole list (`base` is null), or the difference from another snapshot that has one. */
const RefsRecord = v.object({
  /** Of the whole list, however it is written: see `refsHash`. */
  hash: Sha256,
  count: Count,
  base: v.nullable(OtherSnapshot),
  /** Lines of `refLine`. */
  set: v.array(v.string()),
  gone: v.array(v.string()),
});

/** The record of one snapshot: everything a restore needs to know. */
export const Manifest = v.object({
  /** 2 where it leans on another repo's snapshot, so that a reader who knows nothing of that leaves it alone; else 1. */
  format: v.picklist([1, manifestFormat]),
  server: v.object({ id: Id, url: v.string() }),
  /** Names are those at that time; only `id` is for ever. */
  repo: v.object({ id: Count, projectKey: ProjectKey, projectName: v.nullable(v.string()), slug: RepoSlug, name: v.string() }),
  sequence: Sequence,
  /** The snapshot before this one, `null` for the first. It may have been pruned since. */
  previous: v.nullable(OtherSnapshot),
  runId: Id,
  takenAt: Time,
  kind: v.picklist(['full', 'incremental', 'refs-only', 'metadata-only', 'empty']),
  objectFormat: v.picklist(['sha1', 'sha256']),
  head: Head,
  refs: RefsRecord,
  /** Bundles in the order they are read, a full one first unless it leans on others. Empty when it has no objects of its own. */
  chain: v.array(Link),
  leansOn: v.optional(v.nullable(LeansOn), null),
  /** Hash of the server's list as it came over the wire, for the next run to compare. */
  listingHash: v.nullable(v.string()),
  /** Commits where the server's own history is cut off. */
  shallow: v.array(ObjectId),
  /** What the server could not give. Large files have a list of their own. */
  lost: v.array(Lost),
  warnings: v.array(v.string()),
  /** So many refs went or were rewritten since the snapshot before that its retention waits for somebody. */
  massChange: v.optional(v.nullable(MassChange), null),
  /** `null` where it was not asked for, and in manifests from before it was known. */
  metadata: v.optional(v.nullable(Metadata), null),
  /** Large files; which they are is in the metadata's chain, as records of the kind `lfs-objects`. `null` where the repo has none. */
  lfs: v.optional(v.nullable(LfsState), null),
});
export type Manifest = v.InferOutput<typeof Manifest>;

/** The snapshot id a manifest is stored under. */
export const idOf = (manifest: Pick<Manifest, 'sequence'>): string => snapshotId(manifest.sequence);

/** Whose snapshot it is. */
export const repoOf = ({ server, repo }: Pick<Manifest, 'server' | 'repo'>): RepoPlace => ({ serverId: server.id, repoId: repo.id });

/**
 * The names of all objects a snapshot cannot be restored without, its own manifest among them: what pruning must keep, together with the
 * records of merges. Of a manifest with its chains as they are to be read now.
 */
export function objectsOf(manifest: Pick<Manifest, 'server' | 'repo' | 'refs' | 'sequence' | 'leansOn' | 'chain' | 'metadata'>): string[] {
  const repo = repoOf(manifest);
  const { base } = manifest.refs;
  const ids = base === null ? [idOf(manifest)] : [idOf(manifest), base.id];
  const leanedOn = leanedOnName(manifest);
  const manifests = [...ids.map((id) => manifestName(repo, id)), ...(leanedOn === null ? [] : [leanedOn])];
  return [...manifests, ...storedIn(manifest).map(({ object }) => object)];
}

/** The name of the manifest that this one leans on; `null` for one that stands alone. */
export function leanedOnName({ server, leansOn }: Pick<Manifest, 'server' | 'leansOn'>): string | null {
  return leansOn === null ? null : manifestName({ serverId: server.id, repoId: leansOn.repoId }, leansOn.id);
}

/** Whether an object of a chain is the repo's own; else it is one of the repo that it leans on. */
export function isOwn({ object }: Pick<Link, 'object'>, { serverId, repoId }: RepoPlace): boolean {
  const kind = kindOf(object);
  return 'repoId' in kind && kind.serverId === serverId && kind.repoId === repoId;
}

/** Everything that lies in storage for a snapshot beside manifests, bundles first, each with what it must be there. */
export function storedIn({ chain, metadata }: Pick<Manifest, 'chain' | 'metadata'>): readonly Pick<Link, 'object' | 'bytes' | 'sha256'>[] {
  return [...chain, ...(metadata?.chain ?? [])];
}

/** What of it came with this snapshot; the rest is older. */
export function ownIn(manifest: Manifest): readonly Pick<Link, 'object' | 'bytes' | 'sha256'>[] {
  const id = idOf(manifest);
  const repo = repoOf(manifest);
  return storedIn(manifest).filter((link) => {
    const kind = kindOf(link.object);
    return (kind.kind === 'bundle' || kind.kind === 'metadata') && kind.id === id && isOwn(link, repo);
  });
}

/** Manifests of old releases, made into the next version. Index 0 upgrades format 1, and so on. */
const upgrades: readonly ((content: Record<string, unknown>) => Record<string, unknown>)[] = [];

/** Far above any real manifest, which for a million refs is some 100 MB. */
const sizeLimit = 1_000_000_000;

/**
 * A manifest's bytes before sealing: JSON, every list item on a line of its own (`restore-by-hand.sh` reads lines), then zstd.
 * @throws AppError `internal` for one that could not be read back: better no snapshot than one that only seems to be there
 */
export async function encodeManifest(manifest: Manifest): Promise<Buffer> {
  const read = v.safeParse(Manifest, manifest);
  const wrongRef = manifest.refs.set.find((line) => readRefLine(line) === undefined);
  const wrong = read.success ? wrongRef && `not a ref: ${JSON.stringify(wrongRef)}` : whatIsWrong(read.issues);
  if (!read.success || wrong !== undefined)
    throw new AppError('internal', `the record of repository ${manifest.repo.id} cannot be written: ${wrong ?? 'unknown'}`);
  // What was read, so that nothing beside the format goes in.
  return toZstdJson(read.output);
}

/**
 * Reads a manifest. `name` is for messages.
 * @throws AppError `storage-corrupt` when it is none, `storage-foreign` when it is of a newer release
 */
export async function decodeManifest(bytes: Uint8Array, name: string): Promise<Manifest> {
  let content: unknown;
  try {
    content = await fromZstdJson(bytes, sizeLimit);
  } catch (error) {
    throw notManifest(name, 'not JSON in zstd', error);
  }
  const versioned = v.safeParse(v.looseObject({ format: v.pipe(v.number(), v.integer(), v.minValue(1)) }), content);
  if (!versioned.success) throw notManifest(name, 'no format');
  if (versioned.output.format > manifestFormat) {
    throw new AppError(
      'storage-foreign',
      `${name} was written by a newer release (format ${versioned.output.format}, this one knows ${manifestFormat})`,
      {
        remedy: 'install the newer release',
        facts: { name },
      },
    );
  }
  const upgraded = upgrades
    .slice(versioned.output.format - 1)
    .reduce<Record<string, unknown>>((old, upgrade) => upgrade(old), versioned.output);
  const read = v.safeParse(Manifest, upgraded);
  if (!read.success) throw notManifest(name, whatIsWrong(read.issues));
  return read.output;
}

function whatIsWrong([issue]: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  return `${v.getDotPath(issue) ?? 'it'}: ${issue.message}`;
}

function notManifest(name: string, why: string, cause?: unknown): AppError {
  return new AppError('storage-corrupt', `${name} is not the record of a snapshot (${why})`, {
    remedy: 'put the object back from a copy of the storage; other snapshots still restore',
    facts: { name },
    cause,
  });
}
