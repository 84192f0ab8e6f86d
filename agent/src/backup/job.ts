import { AppError, asAppError, fixedBy, type ErrorCode } from '@gitprotect/shared/errors';
import type { Outcome } from '@gitprotect/shared/run';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Seen } from '../catalogue/last-seen.ts';
import { sayLean } from '../catalogue/leans.ts';
import { idOf } from '../catalogue/manifest.ts';
import { nextManifest } from '../catalogue/next-manifest.ts';
import type { NamedHash } from '../catalogue/ledger-list.ts';
import type { Clock } from '../lib/clock.ts';
import { manifestName, type RepoPlace } from '../storage/layout.ts';
import { gitAlone, saveBeside, type BesidePlan } from './beside-git.ts';
import type { FetchParts } from './fetch-bundle.ts';
import { Leaning } from './leaning.ts';
import { Doubt } from './doubt.ts';
import { FullFetch } from './full-fetch.ts';
import type { ScanPlace } from './lfs/scan.ts';
import { list, listWhole } from './list.ts';
import { placeOf, type RepoAccess, type RepoToSave } from './repo-access.ts';
import { gitAsBefore, saveGit } from './save-git.ts';

/** What a job works with. `storage` seals what it writes. */
export interface JobParts extends FetchParts {
  readonly access: RepoAccess;
  readonly catalogue: Catalogue;
  /** What the run found in the catalogue when it began. */
  readonly seen: Seen;
  /** How stored bundles are read back. */
  readonly readBack: ScanPlace;
  readonly clock: Clock;
  readonly runId: string;
  /** The repo that this one was forked from, if the same run backs it up, and has done so by now; `null` for one that stands alone. */
  readonly origin: RepoPlace | null;
  /** What the plan backs up beside git; `null` for git alone. */
  readonly beside: BesidePlan | null;
  /** Told of objects in storage that the manifest does not name: large files, words about leaning. */
  readonly onAdded: (objects: readonly NamedHash[]) => void;
}

const attempts = 3;
const pause = 1000;
/** What every request waits for by itself, as long as it makes sense. */
const waitedFor: ReadonlySet<ErrorCode> = new Set(['throttled', 'server-busy']);

/**
 * Backs up one repo: list refs, compare, stream, seal, put, commit. A stream that broke, a tip that moved in between, another agent that was
 * faster: it starts over, a few times. Nothing is committed unless all its bytes are in storage.
 * @throws AppError naming the repo, when it could not be saved
 */
export async function backUp(wanted: RepoToSave, parts: JobParts): Promise<Outcome> {
  const efforts: Efforts = {
    full: new FullFetch(parts.catalogue.unfinished),
    leaning: new Leaning(parts.origin, parts.catalogue),
    doubt: new Doubt(),
  };
  let { seen } = parts;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptOnce(wanted, seen, efforts, parts);
    } catch (caught) {
      parts.signal.throwIfAborted();
      const error = asAppError(caught);
      if (efforts.full.progressed()) attempt = 0;
      const again = (fixedBy(error) === 'later' && !waitedFor.has(error.code)) || error.code === 'storage-exists';
      if (!again || attempt === attempts) throw error;
      await parts.clock.sleep(pause * 4 ** (attempt - 1), parts.signal);
      seen = await parts.catalogue.seen([placeOf(wanted)]);
    }
  }
}

/** What is kept over all attempts. */
interface Efforts {
  readonly full: FullFetch;
  readonly leaning: Leaning;
  readonly doubt: Doubt;
}

async function attemptOnce(wanted: RepoToSave, seen: Seen, efforts: Efforts, parts: JobParts): Promise<Outcome> {
  const { catalogue, storage, clock, signal } = parts;
  const place = placeOf(wanted);
  const last = seen(place);
  const stands = last?.listingHash != null && (await storage.stat(manifestName(place, last.snapshotId))) !== undefined;
  const objectFormat = last?.objectFormat;
  const listing = await list(parts, { objectFormat, expect: stands ? (last.listingHash ?? undefined) : undefined });
  if (listing.unchanged && parts.beside === null) return { state: 'unchanged', snapshotId: last?.snapshotId ?? '' };

  const continuation = await catalogue.prepare(place, { signal });
  const { before } = continuation;
  // It is unchanged since the snapshot that was seen, which is not the last one where another agent was here meanwhile.
  const asBefore = listing.unchanged && before !== undefined && idOf(before.manifest) === last?.snapshotId ? before : null;
  // What will be searched for large files is fetched so that it can be.
  const standalone = parts.beside?.lfs != null && before?.manifest.lfs != null;
  const git =
    asBefore !== null
      ? gitAsBefore(asBefore)
      : await saveGit(
          listing.unchanged ? await listWhole(parts, objectFormat) : listing,
          { ...efforts, place, continuation, readBack: parts.readBack },
          { ...parts, standalone },
        );
  const beside =
    parts.beside === null
      ? gitAlone
      : await saveBeside(
          parts.beside,
          {
            wanted,
            before: before?.manifest,
            newLinks: git.links,
            chain: git.chain,
            standalone,
            recorded: git.recorded,
          },
          { place, id: continuation.id },
          { access: parts.access, storage, clock, signal },
        );
  if (before !== undefined && git.kind === null && !beside.changed)
    return {
      state: 'unchanged',
      snapshotId: idOf(before.manifest),
      notPermitted: [...beside.notPermitted],
      warnings: [...git.warnings, ...beside.warnings],
    };

  const kind = git.kind ?? 'metadata-only';
  const warnings = [...git.warnings, ...beside.warnings];
  const manifest = nextManifest(
    {
      server: wanted.server,
      repo: { ...wanted.repo, projectName: wanted.projectName },
      runId: parts.runId,
      takenAt: new Date(clock.now()).toISOString(),
      kind,
      ...git.recorded,
      chain: git.chain,
      warnings,
      metadata: beside.metadata,
      lfs: beside.lfs,
    },
    continuation,
  );
  const { leansOn } = manifest;
  // Said anew for each chain that begins: a word of an earlier one may be about to go.
  const leans =
    leansOn !== null && kind === 'full'
      ? [await sayLean(storage, { ...place, repoId: leansOn.repoId }, { snapshotId: leansOn.id, forkId: place.repoId }, signal)]
      : [];
  const added = [...beside.added, ...leans];
  const { snapshot } = await catalogue.add(manifest, { beside: added, signal });
  parts.onAdded(added);
  return {
    state: 'saved',
    snapshotId: snapshot.id,
    kind,
    bytes: git.links.reduce((sum, link) => sum + link.bytes, 0) + beside.bytes,
    objects: git.links.reduce((sum, link) => sum + link.packObjects, 0),
    refs: git.counts,
    warnings,
    ...(parts.beside !== null && { records: beside.records, lfsObjects: beside.lfsObjects, notPermitted: [...beside.notPermitted] }),
  };
}

/** Reports a failure with the repo's name in front, so that a list of them says what happened to which. */
export function named(error: unknown, { repo }: Pick<RepoToSave, 'repo'>): AppError {
  const { code, message, remedy, facts } = asAppError(error);
  const name = `${repo.projectKey}/${repo.slug}`;
  return new AppError(code, message.includes(name) ? message : `${name}: ${message}`, {
    cause: error,
    facts,
    remedy: remedy ?? 'run the plan again; if it stays so, look in the agent log',
  });
}
