import { useEffect, useRef } from 'preact/hooks';
import { RestoreToServer } from './restore-to-server.tsx';

/** Restores a whole project, as its last run left it, into Bitbucket. */
export function RestoreProject({ projectKey, serverId, onClose }: { projectKey: string; serverId: string; onClose: () => void }) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  return (
    <section ref={panel} class="card stack" tabIndex={-1} aria-label="Restore project">
      <h2>Restore {projectKey} into Bitbucket</h2>
      <p class="sub">
        All its repositories and the project’s own settings, as the last run left them. As of another time:{' '}
        <code>npx gitprotect-agent restore {projectKey} --at TIME --to-project KEY</code>.
      </p>
      <RestoreToServer source={{ project: { projectKey, serverId } }} serverId={serverId} projectKey={projectKey} onClose={onClose} />
    </section>
  );
}
