import { AppError, asAppError } from '@gitprotect/shared/errors';
import type { RestoredPlace, ServerRestoreReport } from '@gitprotect/shared/restore';
import { comparableWriters } from '../../bitbucket/metadata/all-writers.ts';
import { principalsOf } from '../../bitbucket/metadata/principals.ts';
import type { BitbucketClient } from '../../bitbucket/client.ts';
import type { MetadataLink } from '../../catalogue/manifest.ts';
import { metadataKinds } from '@gitprotect/shared/metadata';
import { Ledger } from './ledger.ts';
import { restoreRepo, type RepoSource, type RestoreParts } from './restore-repo.ts';
import { compareSettings, restoreSettings } from './settings.ts';
import { settingsIn } from './snapshot-records.ts';
import { openTarget } from './target.ts';

/** A project's own settings, as a run found them. */
export interface ProjectSource {
  readonly key: string;
  readonly metadata: MetadataLink;
}

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
  if (!dryRun && repos.length > 1) for (const repo of repos) await restoreRepo(repo, { ...all, dryRun: true });
  if (project !== null) done.push(await restoreProject(project, all));
  for (const [index, repo] of repos.entries()) {
    const onRepoStep = (what: string) => parts.onStep(`${repo.entry.snapshot.slug}: ${what}`, index, repos.length);
    try {
      done.push(await restoreRepo(repo, { ...all, onStep: onRepoStep }));
    } catch (caught) {
      host.signal.throwIfAborted();
      if (repos.length === 1 && project === null) throw caught;
      done.push(notRestored(repo, asAppError(caught), all));
    }
  }
  return {
    dryRun,
    places: done.map(({ restored }) => restored),
    missingRights: [...new Set(done.flatMap(({ ledger }) => [...ledger.missingRights]))],
    verified: !dryRun && done.every(({ ledger }) => ledger.clean),
    milliseconds: clock.now() - started,
  };
}

/** A project's settings, into one that is there: what it has beyond them stays. */
async function restoreProject({ key, metadata }: ProjectSource, parts: RestoreParts): Promise<{ restored: RestoredPlace; ledger: Ledger }> {
  const { place, target, principals, host, leaveOut, dryRun } = parts;
  const { signal } = host;
  const ledger = new Ledger();
  const settings = await settingsIn(
    [metadata],
    metadataKinds.filter((kind) => !leaveOut.includes(kind)),
    place,
    signal,
  );
  const context = { target: target.writer, scope: { projectKey: target.projectKey, slug: null }, principals, signal };
  await restoreSettings(comparableWriters, settings, context, { ...parts, ledger });
  if (!dryRun) await compareSettings(settings, context, ledger);
  const url = `${target.writer.baseUrl}/projects/${target.projectKey}`;
  return {
    ledger,
    restored: { snapshot: null, from: key, projectKey: target.projectKey, slug: null, url, items: [...ledger.items], limits: [] },
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
