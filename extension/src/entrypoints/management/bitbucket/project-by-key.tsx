import { ProjectKey } from '@gitprotect/shared/repo';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { go } from '../use-route.ts';

/** Adds a project that no credential sees yet. */
export function ProjectByKey({ serverId }: { serverId: string }) {
  const store = useStore();
  const [key, setKey] = useState('');
  const wrong = key.trim() !== '' && !v.is(ProjectKey, key.trim());
  const adding = useAction(async () => {
    const project = await store.call('project.add', { serverId, key: key.trim() });
    await store.refresh('projects', 'status');
    store.said.value = `${project.name ?? project.key} was added. Next: a credential that may read it.`;
    go({ page: 'bitbucket', id: project.id });
  });
  return (
    <form
      class="stack divided"
      onSubmit={(event) => {
        event.preventDefault();
        void adding.run();
      }}
    >
      <div class="row bottom">
        <TextField
          label="Or by its key"
          code
          value={key}
          onInput={setKey}
          placeholder="ORCH or ~jane"
          problem={wrong ? 'A key has letters, digits, dots, dashes and underscores; ~name is a personal project.' : undefined}
        />
        <Button type="submit" busy={adding.busy} disabled={key.trim() === '' || wrong}>
          {adding.busy ? 'Adding…' : 'Add project'}
        </Button>
      </div>
      <ActionResult action={adding} />
    </form>
  );
}
