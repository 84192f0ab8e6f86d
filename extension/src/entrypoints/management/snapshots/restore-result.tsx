import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import type { RestoreReport } from '@gitprotect/shared/snapshot';
import { Command } from '../../../ui/parts/command.tsx';
import { Note } from '../../../ui/parts/note.tsx';

const most = 20;

/** The proof of a restore, or what is missing in it. */
export function RestoreResult({ report }: { report: RestoreReport }) {
  const { snapshot, verified, folder, refs, bytes, milliseconds, differences, fsck, lfs, records, pullRequests } = report;
  const beside = [
    lfs.objects > 0 ? formatCount(lfs.objects, 'large file') : '',
    pullRequests > 0 ? formatCount(pullRequests, 'pull request') : '',
    records > pullRequests ? formatCount(records - pullRequests, 'other metadata record') : '',
  ].filter((text) => text !== '');
  return (
    <div class="stack" aria-live="polite">
      {verified ? (
        <Note tone="ok">
          <b>Restored and verified.</b> All {formatCount(refs, 'ref')} are as in the snapshot, and git {faultless(snapshot.lost ?? 0)}.{' '}
          {formatBytes(bytes)} in {formatDuration(milliseconds)}.{beside.length > 0 && ` Beside git: ${beside.join(', ')}.`}
        </Note>
      ) : (
        <Note tone="bad">
          <b>Restored, but not as it was.</b>{' '}
          {differences.length > 0 && `${formatCount(differences.length, 'difference')} from the snapshot. `}
          {fsck.length > 0 && `git fsck complains ${formatCount(fsck.length, 'time')}. `}
          Try an older snapshot as well, and keep both.
        </Note>
      )}
      <div>
        It lies in
        <Command text={folder} />
      </div>
      <Lines title="Differences from the snapshot" lines={differences} />
      <Lines title="Large files that are not there" lines={lfs.missing} />
      <Lines title="What git fsck says" lines={fsck} />
    </div>
  );
}

function faultless(lost: number): string {
  if (lost === 0) return 'finds no fault in the objects';
  return `misses nothing but what the server itself had lost (${formatCount(lost, 'object or ref', 'objects and refs')}, named in the snapshot’s warnings)`;
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <details open>
      <summary>{title}</summary>
      <ul>
        {lines.slice(0, most).map((line) => (
          <li key={line}>
            <code>{line}</code>
          </li>
        ))}
      </ul>
      {lines.length > most && <p class="sub">and {lines.length - most} more</p>}
    </details>
  );
}
