import { Command } from '../../../ui/parts/command.tsx';

/** How to make a recovery key. It is never shown in a browser. */
export function RecoveryKeyCard() {
  return (
    <section class="card">
      <h2>Recovery key</h2>
      <p class="sub">
        Backups are encrypted. If this machine is lost, its key is lost with it, and only the recovery key opens them. It is shown in the
        terminal, never in a browser. Print it and keep it elsewhere:
      </p>
      <Command text="npx gitprotect-agent recovery-key" />
    </section>
  );
}
