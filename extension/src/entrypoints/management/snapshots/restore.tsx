import type { Snapshot } from '@gitprotect/shared/snapshot';
import { useEffect, useRef, useState } from 'preact/hooks';
import { dayAndTime } from '../../../ui/words/moment.ts';
import { RestoreToFolder } from './restore-to-folder.tsx';
import { RestoreToServer } from './restore-to-server.tsx';

const places = { folder: 'Into a folder', bitbucket: 'Into Bitbucket' } as const;

/** Restores one snapshot: into a folder, or back into Bitbucket. */
export function Restore({ snapshot, onClose }: { snapshot: Snapshot; onClose: () => void }) {
  const [place, setPlace] = useState<keyof typeof places>('folder');
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  const { projectKey, slug, serverId, id, takenAt } = snapshot;
  return (
    <section ref={panel} class="card stack" tabIndex={-1} aria-label="Restore">
      <h2>
        Restore {projectKey}/{slug} as of {dayAndTime(Date.parse(takenAt))}
      </h2>
      <fieldset>
        <legend class="unseen">Where to</legend>
        <div class="choices">
          {(['folder', 'bitbucket'] as const).map((one) => (
            <label key={one} class="check">
              <input type="radio" name="restore-place" checked={place === one} onChange={() => setPlace(one)} />
              <span>{places[one]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {place === 'folder' ? (
        <RestoreToFolder snapshot={snapshot} onClose={onClose} />
      ) : (
        <RestoreToServer
          source={{ repos: [{ repo: { projectKey, slug, serverId }, snapshotId: id }] }}
          serverId={serverId}
          projectKey={projectKey}
          name={slug}
          onClose={onClose}
        />
      )}
    </section>
  );
}
