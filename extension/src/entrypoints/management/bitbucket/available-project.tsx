import type { Result } from '@gitprotect/shared/protocol';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';

interface AvailableProjectProps {
  readonly serverId: string;
  readonly project: Result<'project.available'>[number];
}

/** One project of the server that can be added. */
export function AvailableProject({ serverId, project: { key, name, added } }: AvailableProjectProps) {
  const store = useStore();
  const adding = useAction(async () => {
    await store.call('project.add', { serverId, key });
    await Promise.all([store.refresh('projects', 'status'), store.available(serverId).reload()]);
    return `${name} was added.`;
  });
  return (
    <li>
      <div class="row">
        <span class="grow">
          {name} <small>{key}</small>
        </span>
        {added ? (
          <Lozenge tone="ok" text="added" />
        ) : (
          <Button busy={adding.busy} onClick={() => void adding.run()} label={`Add ${name}`}>
            {adding.busy ? 'Adding…' : 'Add'}
          </Button>
        )}
      </div>
      <ActionResult action={adding} />
    </li>
  );
}
