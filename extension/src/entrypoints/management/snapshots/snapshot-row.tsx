import { formatBytes } from '@gitprotect/shared/format';
import type { RepoRetention } from '@gitprotect/shared/retention-view';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Ago } from '../../../ui/parts/ago.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { proofCure, proofWord } from '../../../ui/words/proof-words.ts';
import { sentence } from '../../../ui/words/sentence.ts';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { besideGit, notInSnapshot } from '../../../ui/words/snapshot-words.ts';
import { dayAndTime } from '../../../ui/words/moment.ts';

const kinds: Record<Snapshot['kind'], string> = {
  full: 'full',
  incremental: 'incremental',
  'refs-only': 'refs only',
  'metadata-only': 'metadata only',
  empty: 'empty repository',
};

/** What retention says of it. */
export type Stay = RepoRetention['snapshots'][number];

interface SnapshotRowProps {
  readonly snapshot: Snapshot;
  /** `undefined` until it is known. */
  readonly stay: Stay | undefined;
  /** Asks to hold it, or to let it go again. */
  readonly onHold: () => void;
  readonly onRestore: () => void;
}

/** One snapshot of a repo. */
export function SnapshotRow({ snapshot, stay, onHold, onRestore }: SnapshotRowProps) {
  const { takenAt, kind, leansOn, refs, head, bytes, warnings } = snapshot;
  const beside = besideGit(snapshot);
  const cure = proofCure(snapshot.proof);
  const at = dayAndTime(Date.parse(takenAt));
  const store = useStore();
  const proof = proofWord(snapshot.proof, store.time.value);
  const release = useAction(async () => {
    const { serverId, projectKey, slug, id } = snapshot;
    await store.call('snapshot.release', { repo: { serverId, projectKey, slug }, snapshotId: id });
    await store.refresh('snapshots');
  });
  return (
    <tr>
      <th scope="row">
        <span class="nowrap">{at}</span>
        <small class="below">
          <Ago time={takenAt} />
        </small>
      </th>
      <td class="detail" data-label="Kind">
        {kinds[kind]}
        {leansOn != null && <small class="below">on top of the repository it was forked from</small>}
        {proof !== null && (
          <small class="below">
            <Lozenge {...proof} />
          </small>
        )}
        {beside !== '' && <small class="below">with {beside}</small>}
        {notInSnapshot(snapshot).map((sentence) => (
          <small key={sentence} class="below">
            {sentence}
          </small>
        ))}
        {cure !== '' && <small class="below bad-text">{sentence(cure)}</small>}
        {warnings.map((warning) => (
          <small key={warning} class="below warn-text">
            {sentence(warning)}
          </small>
        ))}
      </td>
      <td class="figure" data-label="Refs">
        {refs.toLocaleString('en-US')}
        {head !== null && (
          <small class="below">
            <code>{head.replace('refs/heads/', '')}</code>
          </small>
        )}
      </td>
      <td class="figure" data-label="Added">
        {formatBytes(bytes)}
      </td>
      <td data-label="Stays because">
        {stay !== undefined &&
          (stay.keep ? (
            stay.because.join(', ')
          ) : (
            <Lozenge tone="warn" text={stay.goesAt === null ? 'goes' : `goes ${dayAndTime(Date.parse(stay.goesAt))}`} />
          ))}
        {stay?.keep === false && <small class="below">{sentence(stay.because.join(', '))}</small>}
      </td>
      <td class="end">
        {stay !== undefined &&
          (stay.hold === null ? (
            <Button look="quiet" onClick={onHold} label={`Hold the snapshot of ${at}`}>
              Hold
            </Button>
          ) : (
            <Button look="quiet" onClick={() => void release.run()} busy={release.busy} label={`Release the snapshot of ${at}`}>
              Release
            </Button>
          ))}
        <ActionResult action={release} />
        <Button onClick={onRestore} label={`Restore the snapshot of ${at}`}>
          Restore
        </Button>
      </td>
    </tr>
  );
}
