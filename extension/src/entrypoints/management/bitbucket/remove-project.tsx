import { formatCount } from '@gitprotect/shared/format';
import { hashOf } from '../../../routes.ts';
import { Button } from '../../../ui/parts/button.tsx';
import { Confirm } from '../../../ui/parts/confirm.tsx';
import { Dialog } from '../../../ui/parts/dialog.tsx';
import { valueOf } from '../../../ui/store/loadable.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import type { ProjectView } from '../../../ui/words/safety.ts';
import { go } from '../use-route.ts';

/** Asks before a project is removed. While plans back it up, it leads to them instead. */
export function RemoveProject({ project, onClose }: { project: ProjectView; onClose: () => void }) {
  const store = useStore();
  const name = project.name ?? project.key;
  const title = `Remove ${name}?`;
  const mine = (valueOf(store.plans.current) ?? []).filter(({ projectIds }) => projectIds.includes(project.id));
  if (mine.length > 0) {
    return (
      <Dialog title={title} onClose={onClose}>
        <p>Plans back it up. Take it out of them first, or remove them:</p>
        <ul>
          {mine.map((plan) => (
            <li key={plan.id}>
              <a href={hashOf({ page: 'plans', id: plan.id })}>{plan.name}</a>
            </li>
          ))}
        </ul>
        <div class="actions">
          <Button onClick={onClose}>Close</Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Confirm
      title={title}
      deed="Remove project"
      act={async () => {
        await store.call('project.remove', { id: project.id });
        await store.refresh('projects', 'plans', 'credentials', 'status');
        store.said.value = `${name} was removed.`;
        go({ page: 'bitbucket' });
      }}
      onClose={onClose}
    >
      <p>
        Its {formatCount(project.coverage.repos, 'repository is', 'repositories are')} not backed up any more. Snapshots stay in storage and
        can still be restored. Nothing changes in Bitbucket.
      </p>
    </Confirm>
  );
}
