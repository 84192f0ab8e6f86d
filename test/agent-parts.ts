import { join } from 'node:path';
import { openApp, type App } from '@gitprotect/agent/app';
import { loadConfig, type Config } from '@gitprotect/agent/config';
import { silentLog } from '@gitprotect/agent/lib/log';
import type { Storage } from '@gitprotect/agent/storage/storage';
import type { MovingClock } from './moving-clock.ts';

export interface AgentOptions {
  readonly config?: Partial<Config>;
  readonly clock?: MovingClock;
  /** Puts something before each storage. */
  readonly decorateStorage?: (storage: Storage) => Storage;
}

/** Starts a plan and resolves with the run's id when nothing of it is on its way any more. */
export async function runToEnd({ runner, events }: App, planId: string): Promise<string> {
  const ended = new Set<string>();
  let wake = (): void => undefined;
  const stop = events.subscribe(({ name, body }) => {
    if (name !== 'run.progress' || body.run.state === 'running') return;
    ended.add(body.run.id);
    wake();
  });
  const { id } = await runner.start(planId, 'manual');
  while (!ended.has(id)) await new Promise<void>((resolve) => (wake = resolve));
  stop();
  // It is told as ended before its own record is written; the next one may start only then.
  while (runner.running().has(planId)) await new Promise((resolve) => setTimeout(resolve, 1));
  return id;
}

/** An agent's parts on the home `root`, whose storage lies in it. */
export async function openAgent(root: string, { config, decorateStorage, clock }: AgentOptions): Promise<App> {
  const { config: usual, secrets } = await loadConfig({
    home: root,
    settingsFolder: join(root, 'settings'),
    credentialsDirectory: null,
    passphrase: null,
    extensionId: null,
    machine: { PATH: process.env['PATH'] ?? '' },
    settings: { vault: 'key-file' },
  });
  return openApp({ config: { ...usual, ...config }, secrets, log: silentLog, clock, decorateStorage });
}
