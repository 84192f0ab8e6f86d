import { formatBytes, formatDuration } from '@gitprotect/shared/format';
import type { RestoreReport, Snapshot } from '@gitprotect/shared/snapshot';
import { useState } from 'preact/hooks';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { ProgressBar } from '../../../ui/parts/progress-bar.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { RestoreResult } from './restore-result.tsx';

/** Restores one snapshot into a new folder of the agent's, and shows the proof. */
export function RestoreToFolder({ snapshot, onClose }: { snapshot: Snapshot; onClose: () => void }) {
  const store = useStore();
  const [report, setReport] = useState<RestoreReport | null>(null);
  const [since, setSince] = useState<number | null>(null);
  const { projectKey, slug, serverId, id, leansOn, chainBytes, chainLength } = snapshot;
  const restoring = useAction(async () => {
    setReport(null);
    setSince(store.time.peek());
    setReport(await store.call('restore.start', { repo: { projectKey, slug, serverId }, snapshotId: id }));
  });
  return (
    <div class="stack">
      <p class="sub">
        Into a new folder below the agent’s restores folder; nothing is overwritten, and nothing changes in Bitbucket. It reads{' '}
        {formatBytes(chainBytes)} in {chainLength === 1 ? 'one bundle' : `${chainLength} bundles`}
        {leansOn != null && ' of its own, and those of the repository it was forked from'}, then compares every ref with the snapshot.
        Beside git it writes the large files, the metadata as JSON, and the pull requests as pages to read offline. Into another folder:{' '}
        <code>npx gitprotect-agent restore</code>.
      </p>
      {restoring.busy && (
        <div class="live" role="status">
          <ProgressBar done={0} of={0} label="Restoring" />
          <p class="figures">
            Restoring and comparing
            {since !== null && store.time.value - since > 10_000 && ` for ${formatDuration(store.time.value - since)}`}…
          </p>
        </div>
      )}
      <ActionResult action={restoring} />
      {report !== null && <RestoreResult report={report} />}
      <div class="actions start">
        <Button look={report === null ? 'primary' : undefined} busy={restoring.busy} onClick={() => void restoring.run()}>
          {restoring.busy ? 'Restoring…' : report === null ? 'Restore' : 'Restore once more'}
        </Button>
        <Button look="quiet" onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  );
}
