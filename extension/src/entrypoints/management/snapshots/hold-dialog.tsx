import type { Snapshot } from '@gitprotect/shared/snapshot';
import { useState } from 'preact/hooks';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Dialog } from '../../../ui/parts/dialog.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { dayAndTime } from '../../../ui/words/moment.ts';

/** Asks for the reason why a snapshot must stay, and holds it. */
export function HoldDialog({ snapshot, onClose }: { snapshot: Snapshot; onClose: () => void }) {
  const store = useStore();
  const [reason, setReason] = useState('');
  const { serverId, projectKey, slug, id, takenAt } = snapshot;
  const hold = useAction(async () => {
    await store.call('snapshot.hold', { repo: { serverId, projectKey, slug }, snapshotId: id, reason: reason.trim() });
    await store.refresh('snapshots');
    onClose();
  });
  return (
    <Dialog title="Hold this snapshot?" onClose={onClose}>
      <p>The snapshot of {dayAndTime(Date.parse(takenAt))} stays, whatever the keep rules say, until somebody releases it.</p>
      <TextField
        label="Reason"
        value={reason}
        onInput={setReason}
        placeholder="audit 2026"
        hint="For whoever finds it later. May be empty."
      />
      <ActionResult action={hold} />
      <div class="actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" busy={hold.busy} onClick={() => void hold.run()}>
          Hold
        </Button>
      </div>
    </Dialog>
  );
}
