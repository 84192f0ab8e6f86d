import { AppError, asAppError, reportOf, type ErrorCode } from '@gitprotect/shared/errors';
import type { Log } from '../lib/log.ts';
import type { SavedProject } from './metadata/save-project.ts';
import type { RunProgress } from './run-progress.ts';
import type { RunParts } from './run.ts';
import type { ProjectToSave } from './selection.ts';

interface SaveProjectsParts {
  readonly save: RunParts['saveProject'];
  readonly progress: RunProgress;
  readonly log: Log;
  /** Gets what was read, as it comes. */
  readonly saved: SavedProject[];
  readonly signal: AbortSignal;
}

/** What is wrong with the storage or the vault is no project's fault: the repos would fail the same way. */
const stops: ReadonlySet<ErrorCode> = new Set([
  'storage-full',
  'storage-read-only',
  'storage-missing',
  'vault-locked',
  'vault-unavailable',
]);

/** Reads each project once. One that cannot be read is a problem of the run, and stops nothing. */
export async function saveProjects(projects: readonly ProjectToSave[], parts: SaveProjectsParts): Promise<void> {
  const { save, progress, log, saved, signal } = parts;
  if (save === null) return;
  for (const wanted of projects) {
    const { key } = wanted.project;
    try {
      const onRequest = (credentialId: string) => progress.requested(credentialId);
      const project = await save(wanted, { id: progress.run.id, onRequest }, signal);
      saved.push(project);
      if (project.error !== null) await progress.problem(reportOf(problem(key, project.error)));
    } catch (caught) {
      signal.throwIfAborted();
      const error = asAppError(caught);
      if (stops.has(error.code)) throw caught;
      log.error({ err: caught, run: progress.run.id, project: key, code: error.code }, error.message);
      await progress.problem(reportOf(problem(key, error)));
    }
  }
}

function problem(key: string, error: AppError): AppError {
  const { code, message, remedy, facts } = error;
  return new AppError(code, `the settings of project ${key} could not all be saved: ${message}`, {
    cause: error,
    facts,
    remedy: remedy ?? 'run the plan again; if it stays so, look in the agent log',
  });
}
