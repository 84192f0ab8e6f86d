import { AppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import type { LfsState } from '@gitprotect/shared/metadata';
import { askBatch, type LfsObject } from '../../bitbucket/lfs/batch.ts';
import type { LfsLine } from '../../bitbucket/lfs/line.ts';
import { readMetadata } from '../../catalogue/metadata-object.ts';
import { lfsObjects, type MetadataRecord } from '../../catalogue/metadata-record.ts';
import type { NamedHash } from '../../catalogue/ledger-list.ts';
import { tipsOf } from '../../git/ref-listing.ts';
import type { BesideParts, GitSoFar } from '../beside-git.ts';
import { fetchObjects } from './fetch-objects.ts';
import { withPointers, type ScanPlace } from './scan.ts';
import type { StoredFiles } from './stored-files.ts';

/** What large files need beside the parts of every job. */
export interface LfsPlan {
  readonly line: LfsLine;
  /** The plain storage and its keys, and room for a repo to look into. */
  readonly place: ScanPlace;
  /** One for all jobs of a run. */
  readonly stored: StoredFiles;
}

export interface LfsSoFar extends GitSoFar {
  /** Whether the repo takes large files; `undefined` where nobody may know. */
  readonly enabled: boolean | undefined;
}

/** What became of a repo's large files. */
export interface SavedLfs {
  /** Files that this snapshot is the first to need. */
  readonly records: readonly MetadataRecord[];
  readonly state: LfsState | null;
  readonly added: readonly NamedHash[];
  /** What others have stored, and no list names. */
  readonly unlisted: readonly NamedHash[];
  /** Sealed bytes written. */
  readonly bytes: number;
  readonly warnings: readonly string[];
}

const nothing: SavedLfs = { records: [], state: null, added: [], unlisted: [], bytes: 0, warnings: [] };

/** Finds the large files that new commits name, and those that could not be had last time, and stores what storage does not have. */
export async function saveLfs(git: LfsSoFar, plan: LfsPlan, parts: BesideParts): Promise<SavedLfs> {
  const { wanted, before, newLinks, standalone, chain, recorded } = git;
  const known = before?.lfs ?? null;
  const on = git.enabled ?? (known !== null || (await takesLargeFiles(git, plan, parts)));
  // Asked again by the next run, which then looks into the whole chain.
  if (on instanceof AppError) return { ...nothing, warnings: [`whether it has large files is not known: ${on.message}`] };
  // What was saved stays needed by the history, whatever the switch says today.
  if (!on) return { ...nothing, state: known };
  const again: LfsObject[] = (known?.missing ?? []).map(({ oid, bytes }) => ({ oid, bytes }));
  // Bundles from before large files were looked for were not looked into; nor was what it leans on since now; and a thin one can be read with those
  // before it only.
  const leansAnew = recorded.leansOn !== null && recorded.leansOn.sha256 !== before?.leansOn?.sha256;
  const isThin = newLinks.length > 0 && !standalone && newLinks[0]?.kind !== 'full';
  const toScan = known === null || leansAnew || isThin ? chain : newLinks;
  // What it leans on holds files of another repo, which are not its own.
  const only = toScan === chain && recorded.leansOn !== null ? { tips: tipsOf(recorded), shallow: recorded.shallow } : null;
  return withPointers({ links: toScan, objectFormat: recorded.objectFormat, only }, plan.place, async ({ pointers, paths }) => {
    const objects = new Map<string, LfsObject>(again.map((one) => [one.oid, one]));
    const fresh = await unknown([...pointers.values()], git, plan);
    for (const { oid, bytes } of fresh) objects.set(oid, { oid, bytes });
    const fetched = await fetchObjects([...objects.values()], { wanted, line: plan.line, stored: plan.stored, ...parts });
    const lost = new Set([...fetched.missing.keys()].map((oid) => pointers.get(oid)?.blob).filter((blob) => blob !== undefined));
    const found = await paths(lost);
    const missing = [...fetched.missing].map(([oid, why]) => ({
      oid,
      bytes: objects.get(oid)?.bytes ?? 0,
      path: found.get(pointers.get(oid)?.blob ?? '') ?? known?.missing.find((one) => one.oid === oid)?.path ?? null,
      why,
    }));
    return {
      records: fresh.map(({ oid, bytes }) => ({ kind: lfsObjects, key: oid, value: { bytes } })),
      state: {
        objects: (known?.objects ?? 0) + fresh.length,
        bytes: (known?.bytes ?? 0) + fresh.reduce((sum, { bytes }) => sum + bytes, 0),
        missing,
      },
      added: fetched.added,
      unlisted: fetched.unlisted,
      bytes: fetched.bytes,
      warnings: missing.length === 0 ? [] : [missingText(missing)],
    };
  });
}

/** Those that no snapshot before has named. */
async function unknown(found: readonly LfsObject[], { before }: GitSoFar, { place }: LfsPlan): Promise<readonly LfsObject[]> {
  if (found.length === 0 || (before?.lfs?.objects ?? 0) === 0) return found;
  const named = new Set<string>();
  for await (const { key } of readMetadata(place, before?.metadata?.chain ?? [], { signal: place.host.signal, kinds: [lfsObjects] }))
    named.add(key);
  return found.filter(({ oid }) => !named.has(oid));
}

/** Asks for a file that cannot exist: only a repo that takes large files says so. An error where the answer says neither. */
async function takesLargeFiles({ wanted }: GitSoFar, { line }: LfsPlan, { access, signal }: BesideParts): Promise<boolean | AppError> {
  const objects = [{ oid: '0'.repeat(64), bytes: 1 }];
  try {
    await access.rest(({ token }) => askBatch(line, { repo: wanted.repo, operation: 'download', objects, token, signal }));
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return ['not-found', 'repo-not-found', 'token-no-read', 'server-bad-answer'].includes(error.code) ? false : error;
  }
}

const shown = 5;

function missingText(missing: LfsState['missing']): string {
  const names = missing.slice(0, shown).map(({ oid, path, why }) => `${path ?? oid.slice(0, 12)} (${why})`);
  const more = missing.length > shown ? `, and ${missing.length - shown} more` : '';
  return `${formatCount(missing.length, 'large file')} could not be had: ${names.join(', ')}${more}`;
}
