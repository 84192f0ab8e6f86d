import { AppError } from '@gitprotect/shared/errors';
import type { ParsedParams } from '@gitprotect/shared/protocol';
import type { Parts } from './parts.ts';

type RepoName = NonNullable<ParsedParams<'restore.to-server'>['repos']>[number]['repo'];

/** A repo by the name it had in any of its snapshots, the newest first: after a rename both names find it. */
export async function repoNamed(parts: Parts, { projectKey, slug, serverId }: RepoName): Promise<{ serverId: string; repoId: number }> {
  const all = await parts.snapshots({ serverId, limit: undefined });
  const same = all.filter(
    (one) => one.projectKey.toLowerCase() === projectKey.toLowerCase() && one.slug.toLowerCase() === slug.toLowerCase(),
  );
  const [newest] = same;
  if (newest === undefined) {
    throw new AppError('not-found', `there is no snapshot of ${projectKey}/${slug}`, {
      remedy: 'list what there is: gitprotect-agent snapshots; on a new machine first: gitprotect-agent catalogue rebuild',
    });
  }
  const servers = new Set(same.map((one) => one.serverId));
  if (servers.size > 1) {
    throw new AppError('bad-request', `${projectKey}/${slug} has snapshots from ${servers.size} servers`, {
      remedy: 'name the server too',
    });
  }
  return { serverId: newest.serverId, repoId: newest.repoId };
}
