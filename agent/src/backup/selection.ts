import { AppError, fixedBy } from '@gitprotect/shared/errors';
import type { Project } from '@gitprotect/shared/repo';
import type { Job } from '@gitprotect/shared/run';
import type { Server } from '@gitprotect/shared/server';
import type { ProjectCoverage } from '../credentials/coverage.ts';
import type { Use } from '../credentials/in-use.ts';
import { originsOf } from './fork-order.ts';
import type { RepoToSave } from './repo-access.ts';
import { waiting } from './waiting-job.ts';

/** A project of a run, and who may ask for it. */
export interface ProjectToSave {
  readonly server: Pick<Server, 'id' | 'url'>;
  readonly project: Pick<Project, 'id' | 'key' | 'name'>;
  /** Credentials in use that the server has not refused. */
  readonly credentialIds: readonly string[];
}

/** What a run will do: repos in the order they are taken, repos that nobody may read, and what else is wrong. */
export interface Selection {
  readonly projects: readonly ProjectToSave[];
  readonly repos: readonly RepoToSave[];
  readonly uncovered: readonly { readonly job: Job; readonly error: AppError }[];
  readonly problems: readonly AppError[];
  /** What the looks found to be otherwise than before: new repos, lost rights. */
  readonly notices: readonly string[];
}

/** What a selection is made from. */
export interface SelectionParts {
  readonly projects: readonly Project[];
  readonly serverOf: (id: string) => Promise<Pick<Server, 'id' | 'url'>>;
  readonly uses: readonly Use[];
  /** Lets a credential list the project again and writes down what it sees. Answers why it could not. */
  readonly look: (project: Project, credentialId: string, signal: AbortSignal) => Promise<AppError | null>;
  /** Which repos these credentials saw at their last looks. */
  readonly coverage: (project: Project, credentialIds: readonly string[]) => Promise<ProjectCoverage>;
  /** What the looks of this selection found to be otherwise than before, in words. */
  readonly news: () => Promise<readonly string[]>;
  /** Told of a credential that the server refuses. */
  readonly markRejected: (credentialId: string) => Promise<void>;
}

/** Finds out which repos the plan's projects hold now and which credential in use sees which. Forks come after what they are forked from. */
export async function select(parts: SelectionParts, signal: AbortSignal): Promise<Selection> {
  const projects: ProjectToSave[] = [];
  const repos: RepoToSave[] = [];
  const uncovered: { job: Job; error: AppError }[] = [];
  const problems: AppError[] = [];
  for (const project of parts.projects) {
    const used = [...new Set(parts.uses.filter(({ projectId }) => projectId === project.id).map(({ credentialId }) => credentialId))];
    if (used.length === 0) {
      problems.push(noCredential(project));
      continue;
    }
    const server = await parts.serverOf(project.serverId);
    const failures = new Map<string, AppError>();
    for (const credentialId of used) {
      const error = await parts.look(project, credentialId, signal);
      if (error !== null) failures.set(credentialId, error);
    }
    const nobody = failures.size === used.length;
    for (const [credentialId, error] of failures) {
      if (error.code === 'token-rejected') await parts.markRejected(credentialId);
      problems.push(cannotList(project, error, nobody));
    }
    // When nobody could list it, what was known before is no list of what there is now: the project as a whole is the failure.
    if (nobody) continue;
    const refused = (id: string) => {
      const error = failures.get(id);
      return error !== undefined && fixedBy(error) === 'user';
    };
    const willing = used.filter((id) => !refused(id));
    projects.push({ server, project: { id: project.id, key: project.key, name: project.name }, credentialIds: willing });
    const looked = await parts.coverage(project, willing);
    for (const { credentialIds, ...repo } of looked.covered) {
      repos.push({ server, projectId: project.id, projectName: project.name, repo, credentialIds });
    }
    for (const repo of looked.uncovered) uncovered.push({ job: waiting({ server, repo }), error: nobodySees(project, repo.slug) });
  }
  const origins = originsOf(repos);
  const forksLast = repos.toSorted((a, b) => Number(origins.has(a)) - Number(origins.has(b)));
  return { projects, repos: forksLast, uncovered, problems, notices: await parts.news() };
}

function noCredential({ key }: Project): AppError {
  return new AppError('not-covered', `${key}: no credential in use may read this project`, {
    remedy: `add a credential to ${key}, or turn on Additional git credentials and an account in the plan`,
  });
}

function cannotList({ key }: Project, error: AppError, nobody: boolean): AppError {
  const { code, message, remedy, facts } = error;
  const lead = nobody ? `${key} could not be listed` : `one of the credentials of ${key} could not list it`;
  return new AppError(code, `${lead}: ${message}`, { facts, cause: error, ...(remedy === undefined ? {} : { remedy }) });
}

function nobodySees({ key }: Project, slug: string): AppError {
  return new AppError('not-covered', `${key}/${slug}: no enabled account sees it any more`, {
    remedy: `give one of the plan's accounts read access to it, or enable one that has it. If it was deleted on purpose: gitprotect-agent project forget ${key}/${slug} (its snapshots stay)`,
  });
}
