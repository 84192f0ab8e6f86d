import type { Plan } from '@gitprotect/shared/plan';
import { Confirm } from '../../../ui/parts/confirm.tsx';
import { useStore } from '../../../ui/store/use-store.ts';

/** Asks before a plan is removed. */
export function RemovePlan({ plan: { id, name }, onRemoved, onClose }: { plan: Plan; onRemoved: () => void; onClose: () => void }) {
  const store = useStore();
  return (
    <Confirm
      title={`Remove “${name}”?`}
      deed="Remove plan"
      act={async () => {
        await store.call('plan.remove', { id });
        await store.refresh('plans', 'credentials', 'status');
        store.said.value = `“${name}” was removed.`;
        onRemoved();
      }}
      onClose={onClose}
    >
      <p>It no longer runs. Snapshots it made stay in storage and can still be restored. Projects and credentials stay, too.</p>
    </Confirm>
  );
}
