import { formatBytes } from '@gitprotect/shared/format';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import { Ago } from '../../../ui/parts/ago.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { sentence } from '../../../ui/parts/error-note.tsx';
import { besideGit, notInSnapshot } from '../../../ui/words/snapshot-words.ts';
import { dayAndTime } from '../../../ui/words/moment.ts';

const kinds: Record<Snapshot['kind'], string> = {
  full: 'full',
  incremental: 'incremental',
  'refs-only': 'refs only',
  'metadata-only': 'metadata only',
  empty: 'empty repository',
};

/** One snapshot of a repo. */
export function SnapshotRow({ snapshot, onRestore }: { snapshot: Snapshot; onRestore: () => void }) {
  const { takenAt, kind, refs, head, bytes, warnings } = snapshot;
  const beside = besideGit(snapshot);
  const at = dayAndTime(Date.parse(takenAt));
  return (
    <tr>
      <th scope="row">
        {at}
        <small class="below">
          <Ago time={takenAt} />
        </small>
      </th>
      <td data-label="Kind">
        {kinds[kind]}
        {beside !== '' && <small class="below">with {beside}</small>}
        {notInSnapshot(snapshot).map((sentence) => (
          <small key={sentence} class="below">
            {sentence}
          </small>
        ))}
        {warnings.map((warning) => (
          <small key={warning} class="below warn-text">
            {sentence(warning)}
          </small>
        ))}
      </td>
      <td class="figure" data-label="Refs">
        {refs.toLocaleString('en-US')}
      </td>
      <td data-label="HEAD">
        <code>{head?.replace('refs/heads/', '') ?? '–'}</code>
      </td>
      <td class="figure" data-label="Added">
        {formatBytes(bytes)}
      </td>
      <td class="end">
        <Button onClick={onRestore} label={`Restore the snapshot of ${at}`}>
          Restore
        </Button>
      </td>
    </tr>
  );
}
