import { AppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import { metadataKinds } from '@gitprotect/shared/metadata';
import type { RestoredPlace } from '@gitprotect/shared/restore';
import { allWriters } from '../../bitbucket/metadata/all-writers.ts';
import type { WriteContext } from '../../bitbucket/metadata/kind-writer.ts';
import { archiveWriter } from '../../bitbucket/metadata/writers/details.ts';
import type { Entry } from '../../catalogue/snapshot-row.ts';
import type { ResolvedManifest } from '../../catalogue/next-manifest.ts';
import { pushable, refsText } from './git-part.ts';
import { Ledger } from './ledger.ts';
import { obstacle, recreate, wordsOf } from './pull-requests/recreate.ts';
import { surveyPullRequests, type Survey } from './pull-requests/survey.ts';
import { restoreGit } from './restore-git.ts';
import { planLfs } from './restore-lfs.ts';
import { compareSettings, restoreSettings } from './settings.ts';
import { limitsOf } from './limits.ts';
import { recordsOf, settingsIn } from './snapshot-records.ts';
import { createRepo, findRepo, slugOf } from './target.ts';
import type { RestoreParts, Work } from './work.ts';

/** A repo's snapshot, and what it will be called. */
export interface RepoSource {
  readonly entry: Entry;
  /** `null`: as it was called. */
  readonly name: string | null;
}

/**
 * Restores one repo into Bitbucket, new or into an empty one: git and large files, then settings, then open pull requests; what blocks changes
 * comes last. Nothing is ever taken away or overwritten.
 * @throws AppError `repo-not-empty`, `repo-not-found` before anything was changed
 */
export async function restoreRepo(
  { entry, name: wantedName }: RepoSource,
  parts: RestoreParts,
): Promise<{ restored: RestoredPlace; ledger: Ledger }> {
  const { place, target, principals, host, settingsOnly, leaveOut, dryRun } = parts;
  const { signal } = host;
  const snapshot = await place.catalogue.manifest(entry, { signal });
  const name = wantedName ?? usualName(snapshot);
  const found = checkPlace(await findRepo(target, name, signal), name, parts);
  const wanted = metadataKinds.filter((kind) => !leaveOut.includes(kind));
  const settings = await settingsIn(snapshot.manifest.metadata?.chain ?? [], wanted, place, signal);
  const pulls = wanted.includes('pull-requests') && !settingsOnly;
  const survey = pulls ? await surveyPullRequests(recordsOf(snapshot, 'pull-requests', place, signal)) : null;
  const ledger = new Ledger();
  const slug = found ?? slugOf(name);
  const context: WriteContext = { target: target.writer, scope: { projectKey: target.projectKey, slug }, principals, signal };
  const work: Work = { ...parts, snapshot, settings, survey, ledger, context };

  if (dryRun) await plan(work, found === null, name);
  else await restore(work, found === null, name);
  const { projectKey, slug: fromSlug } = entry.snapshot;
  return {
    ledger,
    restored: {
      snapshot: entry.snapshot,
      from: `${projectKey}/${fromSlug}`,
      projectKey: target.projectKey,
      slug: work.context.scope.slug,
      url: `${target.writer.baseUrl}/projects/${target.projectKey}/repos/${slug}`,
      items: [...ledger.items],
      limits: settingsOnly ? [] : limitsOf(snapshot.manifest, survey),
    },
  };
}

/** Its own name, where that leads to the address it had: after a rename it may not. */
function usualName({ manifest: { repo } }: ResolvedManifest): string {
  return slugOf(repo.name) === repo.slug ? repo.name : repo.slug;
}

/** Whether a repo can go where it is to go; rejects as `restoreRepo` does, and changes nothing. */
export async function checkRepo({ entry, name }: RepoSource, parts: RestoreParts): Promise<void> {
  const { signal } = parts.host;
  const wanted = name ?? usualName(await parts.place.catalogue.manifest(entry, { signal }));
  checkPlace(await findRepo(parts.target, wanted, signal), wanted, parts);
}

/** @returns the slug of a repo that may be restored into, `null` where one is to be made */
function checkPlace(found: { slug: string; empty: boolean } | null, name: string, { target, settingsOnly }: RestoreParts): string | null {
  const place = `${target.projectKey}/${found?.slug ?? slugOf(name)}`;
  if (settingsOnly && found === null)
    throw new AppError('repo-not-found', `there is no repository ${place} to restore settings into`, {
      remedy: 'restore it whole, or name one that is there with --as NAME',
    });
  if (!settingsOnly && found?.empty === false)
    throw new AppError('repo-not-empty', `${place} is there and holds something: a restore never touches it`, {
      remedy: 'restore under another name (--as NAME) or into another project; or only its settings (--settings-only)',
    });
  return found?.slug ?? null;
}

/** What would be done. */
async function plan(work: Work, isNew: boolean, name: string): Promise<void> {
  const { ledger, snapshot, settingsOnly, target, survey } = work;
  if (!settingsOnly) {
    if (!isNew) ledger.add('repository', `repository “${name}”`, 'kept', 'it is there and empty');
    else if (target.administers) ledger.add('repository', `repository “${name}”`, 'will');
    else {
      ledger.lacks(`creating a repository in ${target.projectKey} needs Project admin there`);
      ledger.add('repository', `repository “${name}”`, 'cannot', `the token may not create repositories in ${target.projectKey}`);
    }
    ledger.add('git', refsText(snapshot), 'will');
    const { symbolic = '' } = snapshot.manifest.head;
    if (pushable(snapshot).has(symbolic)) ledger.add('git', `default branch ${symbolic.replace('refs/heads/', '')}`, 'will');
    planLfs(work);
  }
  await restoreSettings(allWriters, work.settings, work.context, work);
  if (!settingsOnly && survey !== null) {
    const doable = survey.open.filter((one) => obstacle(one, placeOf(work)) === null);
    for (const one of doable) ledger.add('pull-requests', wordsOf(one), 'will');
    listOthers(survey, work);
  }
  await restoreSettings([archiveWriter], work.settings, work.context, work);
}

async function restore(work: Work, isNew: boolean, name: string): Promise<void> {
  const { ledger, snapshot, settingsOnly, survey, onStep, target, context, settings } = work;
  if (!settingsOnly) {
    if (!(await restoreGit(work, () => makeRepo(work, isNew, name)))) return;
  }
  await restoreSettings(allWriters, settings, context, work);
  if (!settingsOnly && survey !== null) {
    const from = `${snapshot.manifest.repo.projectKey}/${snapshot.manifest.repo.slug}`;
    for (const one of survey.open) {
      if (obstacle(one, placeOf(work)) !== null) continue;
      onStep(wordsOf(one));
      await recreate(one, { context, ledger, from, self: target.userName, ...placeOf(work) });
    }
    listOthers(survey, work);
  }
  await restoreSettings([archiveWriter], settings, context, work);
  onStep('comparing the server with the snapshot');
  await compareSettings(settings, context, ledger);
}

async function makeRepo({ ledger, snapshot, onStep, target, context }: Work, isNew: boolean, name: string): Promise<void> {
  const what = `repository “${name}”`;
  if (!isNew) {
    ledger.add('repository', what, 'kept', 'it was there and empty');
    return;
  }
  onStep(`creating ${target.projectKey}/${name}`);
  const slug = await createRepo(target, name, headBranch(snapshot), context.signal);
  if (slug !== context.scope.slug)
    throw new AppError('server-bad-answer', `the server called the new repository ${slug} and not ${context.scope.slug}`);
  ledger.add('repository', what, 'restored');
}

const headBranch = ({ manifest: { head } }: ResolvedManifest): string | undefined =>
  head.symbolic?.startsWith('refs/heads/') === true ? head.symbolic.slice('refs/heads/'.length) : undefined;

const placeOf = ({ snapshot }: Pick<Work, 'snapshot'>) => ({
  branches: new Set(pushable(snapshot).keys()),
  repoId: snapshot.manifest.repo.id,
});

/** Pull requests and attachments that no API brings back. */
function listOthers({ open, closed, unreadable }: Survey, { ledger, ...work }: Work): void {
  const attachments = work.snapshot.manifest.metadata?.kinds['attachments'];
  if (attachments?.state === 'saved' && attachments.records > 0) {
    const why = 'Bitbucket’s API takes no uploads of them; they are in the offline archive';
    ledger.add('attachments', formatCount(attachments.records, 'attachment'), 'cannot', why);
  }
  for (const one of open) {
    const why = obstacle(one, placeOf(work));
    if (why !== null) ledger.add('pull-requests', wordsOf(one), 'cannot', why);
  }
  if (closed > 0) {
    const what = formatCount(closed, 'merged or declined pull request');
    ledger.add(
      'pull-requests',
      what,
      'cannot',
      'Bitbucket makes none that are closed already; they are in the offline archive, which a restore into a folder writes',
    );
  }
  if (unreadable > 0)
    ledger.add('pull-requests', formatCount(unreadable, 'pull request'), 'cannot', 'the backup’s record of it is incomplete');
}
