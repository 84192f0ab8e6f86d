import { AppError, asAppError } from '@gitprotect/shared/errors';
import type { RestoredPlace, ServerRestoreReport } from '@gitprotect/shared/restore';
import { principalsOf } from '../../bitbucket/metadata/principals.ts';
import type { BitbucketClient } from '../../bitbucket/client.ts';
import { Ledger } from './ledger.ts';
import { checkRepo, restoreRepo, type RepoSource } from './restore-repo.ts';
import type { RestoreParts } from './work.ts';
import { ProjectSettings, type ProjectSource } from './project-settings.ts';
import { openTarget } from './target.ts';

/** What is restored, and into which project of which server. */
export interface Wanted {
  /** Parents before their forks. */
  readonly repos: readonly RepoSource[];
  readonly project: ProjectSource | null;
  readonly client: BitbucketClient;
  readonly projectKey: string;
}

export interface ServerRestoreParts extends Omit<RestoreParts, 'target' | 'principals' | 'onStep'> {
  /** Told before each step, with how many repos are done, of how many. */
  readonly onStep: (what: string, done: number, of: number) => void;
}

/**
 * Restores repos, and a project's own settings, into a project of a Bitbucket server. One repo that cannot be restored stops none of the others
 * when there are several; for a single one the reason is thrown.
 * @throws AppError `project-not-found`, and for a single repo those of `restoreRepo`
 */
export async function restoreToServer(
  { repos, project, client, projectKey }: Wanted,
  parts: ServerRestoreParts,
): Promise<ServerRestoreReport> {
  const { clock, token, dryRun, host } = parts;
  const started = clock.now();
  const writer = client.writeAs(token);
  const target = await openTarget(writer, projectKey, host.signal);
  const onStep = (what: string) => parts.onStep(what, 0, repos.length);
  const all: RestoreParts = { ...parts, onStep, target, principals: principalsOf(writer, host.signal) };
  const done: { restored: RestoredPlace; ledger: Ledger }[] = [];
  // Names clash before anything is changed, not in the middle.
  if (!dryRun && repos.length > 1) for (const repo of repos) await checkRepo(repo, all);
  const settings = project === null ? null : await ProjectSettings.open(project, all);
  await settings?.beforeRepos();
  for (const [index, repo] of repos.entries()) {
    const onRepoStep = (what: string) => parts.onStep(`${repo.entry.snapshot.slug}: ${what}`, index, repos.length);
    try {
      done.push(await restoreRepo(repo, { ...all, onStep: onRepoStep }));
    } catch (caught) {
      host.signal.throwIfAborted();
      if (repos.length === 1 && settings === null) throw caught;
      done.push(notRestored(repo, asAppError(caught), all));
    }
  }
  if (settings !== null) done.unshift(await settings.afterRepos());
  return {
    dryRun,
    places: done.map(({ restored }) => restored),
    missingRights: [...new Set(done.flatMap(({ ledger }) => [...ledger.missingRights]))],
    verified: !dryRun && done.every(({ ledger }) => ledger.clean),
    milliseconds: clock.now() - started,
  };
}

function notRestored({ entry, name }: RepoSource, error: AppError, { target }: RestoreParts): { restored: RestoredPlace; ledger: Ledger } {
  const ledger = new Ledger();
  ledger.add(
    'repository',
    `repository “${name ?? entry.snapshot.slug}”`,
    'failed',
    error.remedy === undefined ? error.message : `${error.message}; ${error.remedy}`,
  );
  const { projectKey, slug } = entry.snapshot;
  const url = `${target.writer.baseUrl}/projects/${target.projectKey}`;
  return {
    ledger,
    restored: {
      snapshot: entry.snapshot,
      from: `${projectKey}/${slug}`,
      projectKey: target.projectKey,
      slug: null,
      url,
      items: [...ledger.items],
      limits: [],
    },
  };
}
