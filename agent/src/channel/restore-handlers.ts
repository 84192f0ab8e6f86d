import { join } from 'node:path';
import type { RestoreReport } from '@gitprotect/shared/snapshot';
import { newId } from '../lib/id.ts';
import type { Handlers } from './dispatch.ts';
import type { Parts, Telling } from './parts.ts';
import { repoNamed } from './repo-named.ts';

type RestoreHandlers = Pick<
  Handlers,
  | 'snapshot.list'
  | 'restore.start'
  | 'restore.to-folder'
  | 'restore.to-server'
  | 'restore.archive'
  | 'backup.verify'
  | 'backup.problems'
  | 'catalogue.rebuild'
>;
type Which = Parameters<Handlers['restore.start']>[0];

/** Calls that read the storage. What they restore with loads when one is made. */
export function restoreHandlers(parts: Parts, telling: Telling): RestoreHandlers {
  const { signal, machine } = parts;
  const found = async ({ repo, snapshotId, at, from }: Which) => {
    const place = await parts.place(signal, from);
    const { serverId, repoId } = await repoNamed(parts, repo);
    return { place, entry: await place.catalogue.find({ repo: { serverId, repoId }, snapshotId, at }) };
  };
  const restore = async (which: Which, folder: string): Promise<RestoreReport> => {
    const { place, entry } = await found(which);
    const { restoreToFolder } = await import('../restore/to-folder.ts');
    return restoreToFolder(place, entry, folder, { host: { machine, signal } });
  };
  return {
    'snapshot.list': async (filter) => parts.proofs.ofSnapshots(await parts.snapshots(filter)),
    'restore.start': (which) =>
      restore(which, join(parts.home, 'restores', `${which.repo.projectKey}-${which.repo.slug}-${newId('r', 6)}`)),
    'restore.to-folder': ({ folder, ...which }) => restore(which, folder),
    'restore.to-server': async (wanted) => {
      const { toServer } = await import('./restore-to-server.ts');
      return telling(toServer(parts, wanted), 'projects');
    },
    'restore.archive': async ({ folder, pullRequest, ...which }) => {
      const { place, entry } = await found(which);
      const { manifest } = await place.catalogue.manifest(entry, { signal });
      const [{ restoreArchive }, { recordsOf }] = await Promise.all([
        import('../restore/to-archive.ts'),
        import('../restore/live-record.ts'),
      ]);
      return restoreArchive(manifest, recordsOf(manifest, place, signal), { folder, pullRequest }, signal);
    },
    'backup.verify': async ({ repo, drill }) => {
      const wanted = await parts.snapshots(repo === undefined ? {} : await repoNamed(parts, repo));
      return telling(parts.verify(wanted, { drill: drill === true, everything: repo === undefined }), 'snapshots', 'runs', 'projects');
    },
    'backup.problems': () => parts.proofs.problems(),
    'catalogue.rebuild': async () => {
      const { catalogue } = await parts.place(signal);
      const { snapshots, repos, damaged } = await telling(catalogue.rebuild({ signal }), 'snapshots');
      await parts.adopt();
      return { snapshots, repos, damaged: [...damaged] };
    },
  };
}
