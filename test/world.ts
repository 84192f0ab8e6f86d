import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp, type App } from '@gitprotect/agent/app';
import { inProcess } from '@gitprotect/agent/channel/dispatch';
import { loadConfig, type Config } from '@gitprotect/agent/config';
import { storageKeys } from '@gitprotect/agent/keys/storage-keys';
import { silentLog } from '@gitprotect/agent/lib/log';
import { handlersOf } from '@gitprotect/agent/session';
import type { Storage } from '@gitprotect/agent/storage/storage';
import type { Keys } from '@gitprotect/agent/storage/sealed';
import type { Call, Params } from '@gitprotect/shared/protocol';
import type { Plan } from '@gitprotect/shared/plan';
import type { RunDetail } from '@gitprotect/shared/run';
import type { RestoreReport } from '@gitprotect/shared/snapshot';
import type { Project, Repo, Token } from './bitbucket/model.ts';
import { Simulator, type SimulatorOptions } from './bitbucket/simulator.ts';
import { movingClock, type MovingClock } from './moving-clock.ts';

/** What a world is made of; each part has a default. */
export interface WorldOptions {
  readonly bitbucket?: SimulatorOptions;
  readonly config?: Partial<Config>;
  /** Agent and Bitbucket share it, so that no wait costs time. */
  readonly clock?: MovingClock;
  /** Puts something before the storage. */
  readonly decorateStorage?: (storage: Storage) => Storage;
}

/** A Bitbucket and an agent beside it, in this process: the same parts a running agent has, on a home of its own. */
export class World implements AsyncDisposable {
  readonly bitbucket: Simulator;
  readonly clock: MovingClock;
  /** Holds the home, the storage and what tests put beside them. */
  readonly root: string;
  /** The one Bitbucket project of this world. */
  readonly project: Project;
  readonly #options: WorldOptions;
  readonly #stop = new AbortController();
  #app: App;
  #call: Call;
  #restores = 0;

  private constructor(parts: { bitbucket: Simulator; clock: MovingClock; root: string; app: App; options: WorldOptions }) {
    this.bitbucket = parts.bitbucket;
    this.clock = parts.clock;
    this.root = parts.root;
    this.#options = parts.options;
    this.#app = parts.app;
    this.#call = this.#callOf(parts.app);
    this.project = this.bitbucket.state.addProject({ key: 'PROOF', name: 'Proof' });
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const clock = options.clock ?? movingClock();
    const bitbucket = await Simulator.start({ clock, ...options.bitbucket });
    const root = mkdtempSync(join(tmpdir(), 'gitprotect-world-'));
    const app = await open(root, clock, options);
    return new World({ bitbucket, clock, root, app, options });
  }

  /** The agent's parts, since the last start. */
  get app(): App {
    return this.#app;
  }

  get storageFolder(): string {
    return this.#app.config.storageFolder;
  }

  /** Calls as the command line makes them. */
  get call(): Call {
    return this.#call;
  }

  /** What opens the storage. */
  async keys(): Promise<Keys> {
    return storageKeys(this.#app.vault, this.#app.db);
  }

  /** Ends the agent and starts it again on the same home, with other options where given. */
  async restart(options: Partial<WorldOptions> = {}): Promise<void> {
    await this.#app[Symbol.asyncDispose]();
    this.#app = await open(this.root, this.clock, { ...this.#options, ...options });
    this.#call = this.#callOf(this.#app);
  }

  /** Serves the bare repo in `folder`, or an empty one. */
  addRepo(name: string, folder?: string): Repo {
    return this.bitbucket.state.addRepo({ project: this.project, name, ...(folder === undefined ? {} : { folder }) });
  }

  /** A user who may read the project, with a token. */
  addReader(name: string): Token {
    const { state } = this.bitbucket;
    const user = state.addUser({ name });
    state.grant(user, 'PROJECT_READ', this.project);
    return state.addToken({ user, name: `backup of ${name}`, permissions: ['PROJECT_READ', 'REPO_READ'] });
  }

  /**
   * Tells the agent of server, project and credentials, and makes a plan that uses them all. The first token is the project's own.
   * @param settings what differs from a plan without schedule and retention
   */
  async plan(tokens: readonly Token[], settings: Partial<Params<'plan.add'>> = {}): Promise<Plan> {
    const server = await this.call('server.add', { url: this.bitbucket.url });
    const project = await this.call('project.add', { serverId: server.id, key: this.project.key });
    const ids: string[] = [];
    for (const { secret, name } of tokens) {
      const { credential } = await this.call('credential.add', { serverId: server.id, token: secret, name, projectIds: [project.id] });
      ids.push(credential.id);
    }
    return this.call('plan.add', {
      name: 'All of it',
      projectIds: [project.id],
      schedule: null,
      keep: {},
      additional: { enabled: true, credentialIds: ids.slice(1) },
      ...settings,
    });
  }

  /** Runs a plan to its end, and forgets the requests made before. */
  async run(plan: Pick<Plan, 'id'>): Promise<RunDetail> {
    this.bitbucket.requests.length = 0;
    const { id } = await this.call('run.start', { planId: plan.id });
    // The run is told as ended before its parts are: the next one may start only then.
    while (this.#app.runner.running().has(plan.id)) await new Promise((resolve) => setImmediate(resolve));
    return this.call('run.get', { id });
  }

  /** Restores a snapshot, the last one unless named, into a new folder. */
  async restore(slug: string, snapshotId?: string): Promise<RestoreReport> {
    this.#restores += 1;
    const folder = join(this.root, 'restored', `${slug}-${this.#restores}`);
    return this.call('restore.to-folder', {
      repo: { projectKey: this.project.key, slug },
      folder,
      ...(snapshotId === undefined ? {} : { snapshotId }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#app[Symbol.asyncDispose]();
    await this.bitbucket[Symbol.asyncDispose]();
    rmSync(this.root, { recursive: true, force: true });
  }

  #callOf(app: App): Call {
    return inProcess(handlersOf(app, { port: () => null, stop: () => undefined, signal: this.#stop.signal }));
  }
}

async function open(root: string, clock: MovingClock, { config, decorateStorage }: WorldOptions): Promise<App> {
  const { config: usual, secrets } = await loadConfig({
    home: root,
    credentialsDirectory: null,
    passphrase: null,
    extensionId: null,
    machine: { PATH: process.env['PATH'] ?? '' },
    settings: { vault: 'key-file' },
  });
  return openApp({ config: { ...usual, ...config }, secrets, log: silentLog, clock, decorateStorage });
}
