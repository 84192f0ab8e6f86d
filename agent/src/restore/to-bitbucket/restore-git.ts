import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pushable, pushRefs, rebuildIn, refsText } from './git-part.ts';
import { restoreLfs } from './restore-lfs.ts';
import { chooseDefaultBranch } from './target.ts';
import type { Work } from './work.ts';

/**
 * Rebuilds the snapshot, makes the repo (`make`: a backup that cannot be read must leave none behind), uploads its large files, pushes branches and tags, and chooses the default branch.
 * @returns whether there is something to set up: without branches neither rules nor pull requests make sense
 */
export async function restoreGit(work: Work, make: () => Promise<void>): Promise<boolean> {
  const { place, snapshot, scratch, host, ledger, context, token, ca, target, onStep, clock } = work;
  const slug = context.scope.slug ?? '';
  const repo = { projectKey: target.projectKey, slug };
  const { baseUrl } = target.writer;
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const dir = await mkdtemp(join(scratch, 'restore-'));
  try {
    onStep(`rebuilding ${snapshot.manifest.repo.slug} from the backup`);
    if (!(await rebuildIn(dir, snapshot, place, { host, ledger }))) return false;
    await make();
    await restoreLfs(work);
    onStep(`pushing ${refsText(snapshot)}`);
    try {
      await pushRefs(dir, snapshot, { baseUrl, repo, token, ca }, { host, ledger, clock });
    } catch (error) {
      host.signal.throwIfAborted();
      ledger.failed('git', refsText(snapshot), error);
      ledger.add(
        'repository',
        `${target.projectKey}/${slug}`,
        'to-do',
        'it was made and is not whole: delete it in Bitbucket, and restore again',
      );
      return false;
    }
    const { symbolic } = snapshot.manifest.head;
    if (symbolic?.startsWith('refs/heads/') === true && pushable(snapshot).has(symbolic)) {
      const what = `default branch ${symbolic.replace('refs/heads/', '')}`;
      await chooseDefaultBranch(target, slug, symbolic, host.signal).then(
        () => ledger.add('git', what, 'restored'),
        (error: unknown) => ledger.failed('git', what, error),
      );
    }
    return true;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
