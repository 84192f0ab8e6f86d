import { AppError, asAppError, reportOf, type ErrorCode } from '@gitprotect/shared/errors';
import type { Outcome, Run, UsedCredential } from '@gitprotect/shared/run';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Seen } from '../catalogue/last-seen.ts';
import type { NamedHash } from '../catalogue/ledger-list.ts';
import type { Pool } from '../credentials/pool.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { onceEach } from '../lib/once-each.ts';
import type { Storage } from '../storage/storage.ts';
import type { BesidePlan } from './beside-git.ts';
import { originsOf } from './fork-order.ts';
import { takeOver, type GoesOn } from './go-on.ts';
import { backUp, named } from './job.ts';
import type { ScanPlace } from './lfs/scan.ts';
import { saveProjects } from './save-projects.ts';
import type { ProjectRun, SavedProject } from './metadata/save-project.ts';
import { placeOf, RepoAccess, type GitLine, type RepoToSave } from './repo-access.ts';
import { waiting } from './waiting-job.ts';
import type { BesideSnapshots } from './record-run.ts';
import type { RunProgress } from './run-progress.ts';
import type { ProjectToSave, Selection } from './selection.ts';
import { workThrough } from './work-through.ts';

/** Where a run writes, and how it reads back what lies there. */
export interface Opened {
  readonly catalogue: Catalogue;
  /** Seals what it writes. */
  readonly storage: Storage;
  readonly readBack: ScanPlace;
}

/** Jobs under way for each that may fetch: while it does, another looks up what there was, reads what is beside git, or writes down what there is. */
const jobsAFetch = 2;

/** What a run works with. */
export interface RunParts {
  /** Finds the repos of the plan's projects and who sees them. */
  readonly select: (signal: AbortSignal) => Promise<Selection>;
  /** Opens storage and catalogue; rejects with what is wrong with them. */
  readonly open: (signal: AbortSignal) => Promise<Opened>;
  /** Writes the run's own record into storage, after everything else. */
  readonly record: (run: Run, beside: BesideSnapshots) => Promise<void>;
  /** A new line to a server; a run keeps what it learns of the server on it, and the next run looks again. */
  readonly lineTo: (serverId: string) => Promise<GitLine>;
  /** How credentials are called that may serve it. */
  readonly names: () => Promise<readonly Omit<UsedCredential, 'requests'>[]>;
  /** What the plan backs up beside git on a server; `null` for git alone. */
  readonly besideOf: (serverId: string, line: GitLine, signal: AbortSignal) => Promise<BesidePlan | null>;
  /** Reads what a project itself holds; `null` where the plan wants none of it. */
  readonly saveProject: ((wanted: ProjectToSave, run: ProjectRun, signal: AbortSignal) => Promise<SavedProject>) | null;
  /** What the paused run before left to this one; `null` where there is none. */
  readonly goesOn: GoesOn | null;
  /** What of the plan's projects waits for somebody before it is pruned. */
  readonly guards: () => Promise<readonly AppError[]>;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly log: Log;
  /** How much of each user's limit the run may use: 0.1–1. */
  readonly share: number;
  /** Git fetches at once. */
  readonly fetches: number;
}

/** With these it makes no sense to go on to the next repo. */
const stopsTheRun: ReadonlySet<ErrorCode> = new Set([
  'storage-full',
  'storage-read-only',
  'storage-missing',
  'storage-refused',
  'storage-foreign',
  'vault-locked',
  'vault-unavailable',
]);

/**
 * Runs a plan to its end, or to that of its window: then no further repo is begun, and those that wait are left to the next run. One repo's failure
 * never stops the others; what is wrong with the storage does. Always resolves: the run's own record says how it went.
 */
export async function execute(progress: RunProgress, parts: RunParts, signal: AbortSignal): Promise<Run> {
  const { runId, log } = { runId: progress.run.id, log: parts.log };
  // Not a number, and so never over, without a window.
  const closesAt = Date.parse(progress.run.closesAt ?? '');
  const closed = () => parts.clock.now() >= closesAt;
  using _throttles = parts.pool.onThrottle(({ credentialId, ownerSlug, from, until }) => {
    const throttle = { credentialId, ownerSlug, from: new Date(from).toISOString(), until: new Date(until).toISOString() };
    progress.throttled(throttle).catch((error: unknown) => log.error({ err: error, run: runId }, 'a throttle could not be written down'));
  });
  let reason = 'the run ended before its turn';
  const added: NamedHash[] = [];
  const projects: SavedProject[] = [];
  try {
    await progress.begin(await parts.names());
    const opened = await parts.open(signal);
    const selection = await parts.select(signal);
    for (const problem of selection.problems) await progress.problem(reportOf(problem));
    await progress.notices(selection.notices);
    const { todo, left, carried } = takeOver(selection.repos, parts.goesOn, progress.run.trigger);
    await progress.plan([...todo.map(waiting), ...selection.uncovered.map((one) => one.job), ...carried]);
    await saveProjects(selection.projects, { save: parts.saveProject, progress, log, saved: projects, signal });
    const lineTo = onceEach(parts.lineTo);
    const besideOf = onceEach(async (serverId: string) => parts.besideOf(serverId, await lineTo(serverId), signal));
    const origins = originsOf(selection.repos);
    const seen = await opened.catalogue.seen(todo.map(placeOf));
    const { pool, clock, share } = parts;
    await workThrough(todo, {
      atOnce: parts.fetches * jobsAFetch,
      notDoneBefore: left,
      now: () => clock.now(),
      // A fork leans on what its origin has by then.
      after: (wanted) => origins.get(wanted),
      lineOf: ({ projectId, credentialIds }) => `${projectId} ${credentialIds.join(' ')}`,
      outlook: ({ server, projectId, credentialIds }) => pool.outlook({ serverId: server.id, projectId, credentialIds, share }),
      work: async (wanted, position, waits) => {
        signal.throwIfAborted();
        if (!closed()) await saveOne(wanted, position, { progress, parts, lineTo, besideOf, opened, seen, origins, added, waits, signal });
      },
    });
    for (const [index, { error }] of selection.uncovered.entries()) {
      await progress.end(todo.length + index, failed(error));
    }
    for (const guard of await parts.guards()) await progress.problem(reportOf(guard));
  } catch (caught) {
    const error = asAppError(caught);
    if (!signal.aborted) {
      log.error({ err: caught, run: runId }, `the run stopped: ${error.message}`);
      await progress.problem(reportOf(error));
      reason = `the run was stopped: ${error.message}`;
    } else reason = 'the run was cancelled';
  }
  const run = await progress.close(endOf(signal, progress.unfinished && closed()), reason).catch((error: unknown) => {
    log.error({ err: error, run: runId }, 'how the run ended could not be written down; it is tried again with the next record');
    return progress.run;
  });
  await parts
    .record(run, { large: added, projects })
    .catch((error: unknown) => log.error({ err: error, run: runId }, 'the run’s record could not be written to storage'));
  return run;
}

/** How a run is called that did not come to its end; `null` for one that did. */
function endOf(signal: AbortSignal, windowOver: boolean): 'cancelled' | 'paused' | null {
  if (signal.aborted) return asAppError(signal.reason).code === 'outside-window' ? 'paused' : 'cancelled';
  return windowOver ? 'paused' : null;
}

interface Surroundings {
  readonly progress: RunProgress;
  readonly parts: RunParts;
  readonly lineTo: RunParts['lineTo'];
  readonly besideOf: (serverId: string) => Promise<BesidePlan | null>;
  readonly opened: Opened;
  readonly seen: Seen;
  readonly origins: ReadonlyMap<RepoToSave, RepoToSave>;
  /** Objects that no manifest names, as they come: large files. */
  readonly added: NamedHash[];
  /** Told when it begins and ends to wait for a user for long. */
  readonly waits: (waits: boolean) => void;
  readonly signal: AbortSignal;
}

async function saveOne(
  wanted: RepoToSave,
  position: number,
  { progress, parts, lineTo, besideOf, opened, seen, origins, added, waits, signal }: Surroundings,
): Promise<void> {
  const { pool, clock, log, share } = parts;
  const line = await lineTo(wanted.server.id);
  const onRequest = (credentialId: string) => progress.requested(credentialId, position);
  const onWait = (until: number | null) => {
    waits(until !== null);
    progress.waiting(position, until).catch((error: unknown) => log.error({ err: error }, 'a wait could not be written down'));
  };
  const access = new RepoAccess(wanted, { pool, clock, line, signal, share, onRequest, onWait });
  const done = async (outcome: Outcome) => progress.end(position, outcome);
  await progress.start(position);
  try {
    const onBytes = (total: number) => progress.received(position, total);
    const beside = await besideOf(wanted.server.id);
    const onAdded = (objects: readonly NamedHash[]) => added.push(...objects);
    const from = origins.get(wanted);
    const origin = from === undefined ? null : placeOf(from);
    const runId = progress.run.id;
    await done(await backUp(wanted, { ...opened, seen, access, line, clock, runId, origin, signal, onBytes, beside, onAdded }));
  } catch (caught) {
    signal.throwIfAborted();
    const error = named(caught, wanted);
    log.error(
      { err: caught, run: progress.run.id, repo: `${wanted.repo.projectKey}/${wanted.repo.slug}`, code: error.code },
      error.message,
    );
    await done(failed(error));
    if (stopsTheRun.has(error.code)) throw error;
  }
}

function failed(error: AppError): Outcome {
  const { code, message, remedy } = reportOf(error);
  return { state: 'failed', error: remedy === undefined ? { code, message } : { code, message, remedy } };
}
