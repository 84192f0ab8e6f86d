import { join } from 'node:path';
import { openApp, type App } from '@gitprotect/agent/app';
import { inProcess } from '@gitprotect/agent/channel/dispatch';
import { loadConfig, type Config } from '@gitprotect/agent/config';
import { handlersOf } from '@gitprotect/agent/handlers-of';
import type { Clock } from '@gitprotect/agent/lib/clock';
import { signingKey, storageKeys } from '@gitprotect/agent/keys/storage-keys';
import { silentLog } from '@gitprotect/agent/lib/log';
import type { Keys } from '@gitprotect/agent/storage/sealed';
import type { Storage } from '@gitprotect/agent/storage/storage';
import { metadataKinds } from '@gitprotect/shared/metadata';
import type { Plan } from '@gitprotect/shared/plan';
import type { Call, Params } from '@gitprotect/shared/protocol';
import type { Token } from './bitbucket/model.ts';

export interface AgentOptions {
  readonly config?: Partial<Config>;
  readonly clock?: Clock;
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

/** What opens an agent's storage, and tells what it wrote. */
export async function keysOf({ vault, db }: App): Promise<Keys> {
  return { ...(await storageKeys(vault, db)), signing: await signingKey(vault) };
}

/** Calls to an agent's parts as the command line makes them. */
export function callsOf(app: App, signal: AbortSignal): Call {
  return inProcess(handlersOf(app, { port: () => null, stop: () => undefined, signal }));
}

/** What a plan is made of. */
export interface PlanFor {
  readonly url: string;
  readonly projectKey: string;
  /** The first is the project's own. */
  readonly tokens: readonly Token[];
}

/**
 * Tells an agent of server, project and credentials, and makes a plan that uses them all.
 * @param settings what differs from a plan of git alone, without schedule and retention
 */
export async function addPlan(call: Call, { url, projectKey, tokens }: PlanFor, settings: Partial<Params<'plan.add'>> = {}): Promise<Plan> {
  const server = await call('server.add', { url });
  const project = await call('project.add', { serverId: server.id, key: projectKey });
  const ids: string[] = [];
  for (const { secret, name } of tokens) {
    const { credential } = await call('credential.add', { serverId: server.id, token: secret, name, projectIds: [project.id] });
    ids.push(credential.id);
  }
  return call('plan.add', {
    name: 'All of it',
    projectIds: [project.id],
    schedule: null,
    keep: {},
    additional: { enabled: true, credentialIds: ids.slice(1) },
    leaveOut: [...metadataKinds],
    ...settings,
  });
}
