import { formatBytes, formatDuration } from '@gitprotect/shared/format';
import type { RestoreReport, Snapshot } from '@gitprotect/shared/snapshot';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { ProgressBar } from '../../../ui/parts/progress-bar.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { dayAndTime } from '../../../ui/words/moment.ts';
import { RestoreResult } from './restore-result.tsx';

/** Restores one snapshot into a new folder of the agent's, and shows the proof. */
export function Restore({ snapshot, onClose }: { snapshot: Snapshot; onClose: () => void }) {
  const store = useStore();
  const [report, setReport] = useState<RestoreReport | null>(null);
  const [since, setSince] = useState<number | null>(null);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  const { projectKey, slug, serverId, id, takenAt, chainBytes, chainLength } = snapshot;
  const restoring = useAction(async () => {
    setReport(null);
    setSince(store.time.peek());
    setReport(await store.call('restore.start', { repo: { projectKey, slug, serverId }, snapshotId: id }));
  });
  return (
    <section ref={panel} class="card" tabIndex={-1} aria-label="Restore">
      <h2>
        Restore {projectKey}/{slug} as of {dayAndTime(Date.parse(takenAt))}
      </h2>
      <p class="sub">
        Into a new folder below the agent’s restores folder; nothing is overwritten, and nothing changes in Bitbucket. It reads{' '}
        {formatBytes(chainBytes)} in {chainLength === 1 ? 'one bundle' : `${chainLength} bundles`}, then compares every ref with the
        snapshot. Into another folder or back into Bitbucket: <code>npx gitprotect-agent restore</code>.
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
    </section>
  );
}
