import type { Guard } from '@gitprotect/shared/retention-view';
import { useState } from 'preact/hooks';
import { hashOf } from '../../routes.ts';
import { Button } from '../../ui/parts/button.tsx';
import { Confirm } from '../../ui/parts/confirm.tsx';
import { sentence } from '../../ui/words/sentence.ts';
import { Note } from '../../ui/parts/note.tsx';
import { valueOf } from '../../ui/store/loadable.ts';
import { useStore } from '../../ui/store/use-store.ts';

const nameOf = ({ projectKey, slug }: Guard) => (slug === null ? projectKey : `${projectKey}/${slug}`);

/** What of these projects waits for somebody before it is pruned. */
export function ProjectGuards({ projectKeys }: { projectKeys: readonly string[] }) {
  const guards = valueOf(useStore().guards.current) ?? [];
  return <Guards guards={guards.filter(({ projectKey }) => projectKeys.includes(projectKey))} />;
}

/** Mass deletions and rewrites that nobody has acknowledged yet, each with the button to do so. */
export function Guards({ guards }: { guards: readonly Guard[] }) {
  const store = useStore();
  const [asked, setAsked] = useState<Guard | null>(null);
  if (guards.length === 0) return null;
  return (
    <Note tone="bad">
      {guards.map((guard) => (
        <p key={`${guard.serverId}/${nameOf(guard)}`}>
          <b>
            <a href={hashOf({ page: 'snapshots', id: nameOf(guard) })}>{nameOf(guard)}</a>: {sentence(guard.message)}
          </b>{' '}
          Nothing of it is pruned until you have looked. If it was not meant, restore from a snapshot before it.{' '}
          <Button onClick={() => setAsked(guard)} label={`Acknowledge ${nameOf(guard)}`}>
            Acknowledge…
          </Button>
        </p>
      ))}
      {asked !== null && (
        <Confirm
          title={`Was this meant in ${nameOf(asked)}?`}
          deed="It was meant"
          act={async () => {
            const { serverId, projectKey, slug } = asked;
            await store.call('guard.acknowledge', { serverId, projectKey, slug });
            await store.refresh('snapshots', 'status');
          }}
          onClose={() => setAsked(null)}
        >
          <p>{sentence(asked.message)}</p>
          <p>The keep rules count again: older snapshots that no rule wants will be removed.</p>
        </Confirm>
      )}
    </Note>
  );
}
