import { formatCount } from '@gitprotect/shared/format';
import { allWriters } from '../../bitbucket/metadata/all-writers.ts';
import { gitConnections } from '../../git/http.ts';
import { uploadLfs } from '../lfs/to-server.ts';
import { Ledger } from './ledger.ts';
import { restoreSettings } from './settings.ts';
import type { Work } from './work.ts';

/** What would be done. */
export function planLfs({ snapshot, ledger, leaveOut }: Work): void {
  const { lfs } = snapshot.manifest;
  if (lfs === null || lfs.objects === 0 || leaveOut.includes('lfs')) return;
  const lost = lfs.missing.length;
  if (lfs.objects > lost) ledger.add('lfs-objects', formatCount(lfs.objects - lost, 'large file'), 'will');
  if (lost > 0) ledger.add('lfs-objects', formatCount(lost, 'large file'), 'cannot', 'lost on the server before the backup');
}

/** Switches large files on and uploads them. Before the push: a server may refuse commits whose large files it does not have. */
export async function restoreLfs(work: Work): Promise<void> {
  const { place, snapshot, host, ledger, context, token, ca, target, onStep, clock, leaveOut } = work;
  const { lfs } = snapshot.manifest;
  if (lfs === null || lfs.objects === 0 || leaveOut.includes('lfs')) return;
  const repo = { projectKey: target.projectKey, slug: context.scope.slug ?? '' };
  const on = new Map([['lfs', { enabled: true }]]);
  await restoreSettings(
    allWriters.filter(({ kind }) => kind === 'lfs'),
    on,
    context,
    { ...work, ledger: new Ledger() },
  );
  const dispatcher = gitConnections(ca === null ? {} : { ca });
  try {
    const line = { baseUrl: target.writer.baseUrl, dispatcher, now: () => clock.now() };
    const onProgress = (done: number) => onStep(`large file ${done} of ${lfs.objects}`);
    const { objects, failed } = await uploadLfs(snapshot.manifest, place, { line, repo, token, clock, signal: host.signal, onProgress });
    if (objects > 0) ledger.add('lfs-objects', formatCount(objects, 'large file'), 'restored');
    for (const { oid, why } of failed) {
      const lost = lfs.missing.find((one) => one.oid === oid);
      ledger.add('lfs-objects', `large file ${lost?.path ?? oid}`, lost === undefined ? 'failed' : 'cannot', why);
    }
  } catch (error) {
    host.signal.throwIfAborted();
    ledger.failed('lfs-objects', 'large files', error);
  } finally {
    await dispatcher.close();
  }
}
