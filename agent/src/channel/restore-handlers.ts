import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import type { RestoreReport } from '@gitprotect/shared/snapshot';
import { newId } from '../lib/id.ts';
import { recordsOf } from '../restore/live-record.ts';
import { restoreArchive } from '../restore/to-archive.ts';
import { restoreToFolder } from '../restore/to-folder.ts';
import { verify } from '../restore/verify.ts';
import type { Handlers } from './dispatch.ts';
import type { Parts, Telling } from './parts.ts';

type RestoreHandlers = Pick<
  Handlers,
  'snapshot.list' | 'restore.start' | 'restore.to-folder' | 'restore.to-server' | 'restore.archive' | 'backup.verify' | 'catalogue.rebuild'
>;
type Which = Parameters<Handlers['restore.start']>[0];

/** Calls that read the storage. */
export function restoreHandlers(parts: Parts, telling: Telling): RestoreHandlers {
  const { signal, machine } = parts;
  const found = async ({ repo, snapshotId, at }: Which) => {
    const place = await parts.place(signal);
    const { serverId, repoId } = await repoNamed(parts, repo);
    return { place, entry: await place.catalogue.find({ repo: { serverId, repoId }, snapshotId, at }) };
  };
  const restore = async (which: Which, folder: string): Promise<RestoreReport> => {
    const { place, entry } = await found(which);
    return restoreToFolder(place, entry, folder, { host: { machine, signal } });
  };
  return {
    'snapshot.list': (filter) => parts.snapshots(filter),
    'restore.start': (which) =>
      restore(which, join(parts.home, 'restores', `${which.repo.projectKey}-${which.repo.slug}-${newId('r', 6)}`)),
    'restore.to-folder': ({ folder, ...which }) => restore(which, folder),
    'restore.to-server': () => Promise.reject(new AppError('internal', 'not yet')),
    'restore.archive': async ({ folder, pullRequest, ...which }) => {
      const { place, entry } = await found(which);
      const { manifest } = await place.catalogue.manifest(entry, { signal });
      return restoreArchive(manifest, recordsOf(manifest, place, signal), { folder, pullRequest }, signal);
    },
    'backup.verify': async ({ repo, drill }) => {
      const place = await parts.place(signal);
      const wanted = await parts.snapshots(repo === undefined ? {} : await repoNamed(parts, repo));
      return verify(place, wanted, { drill: drill === true, scratch: join(parts.home, 'drills'), host: { machine, signal } });
    },
    'catalogue.rebuild': async () => {
      const { catalogue } = await parts.place(signal);
      const { snapshots, repos, damaged } = await telling(catalogue.rebuild({ signal }), 'snapshots');
      return { snapshots, repos, damaged: [...damaged] };
    },
  };
}

/** A repo by the name it had in any of its snapshots, the newest first: after a rename both names find it. */
async function repoNamed(parts: Parts, { projectKey, slug, serverId }: Which['repo']): Promise<{ serverId: string; repoId: number }> {
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
