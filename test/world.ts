import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '@gitprotect/agent/app';
import type { Keys } from '@gitprotect/agent/storage/sealed';
import type { Call, Params } from '@gitprotect/shared/protocol';
import type { Plan } from '@gitprotect/shared/plan';
import type { RunDetail } from '@gitprotect/shared/run';
import type { RestoreReport } from '@gitprotect/shared/snapshot';
import type { Project, Repo, Token } from './bitbucket/model.ts';
import { shareObjects, syncMain } from './bitbucket/shared-objects.ts';
import { Simulator, type SimulatorOptions } from './bitbucket/simulator.ts';
import { addPlan, callsOf, keysOf, openAgent, runToEnd, type AgentOptions } from './agent-parts.ts';
import { movingClock, type MovingClock } from './moving-clock.ts';

/** What a world is made of; each part has a default. Agent and Bitbucket share the clock, so that no wait costs time. */
export interface WorldOptions extends AgentOptions {
  readonly clock?: MovingClock;
  readonly bitbucket?: SimulatorOptions;
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
  #app: App | undefined;
  #call: Call | undefined;
  #restores = 0;

  private constructor(parts: { bitbucket: Simulator; clock: MovingClock; root: string; app: App; options: WorldOptions }) {
    this.bitbucket = parts.bitbucket;
    this.clock = parts.clock;
    this.root = parts.root;
    this.#options = parts.options;
    this.#use(parts.app);
    this.project = this.bitbucket.state.addProject({ key: 'PROOF', name: 'Proof' });
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const clock = options.clock ?? movingClock();
    const bitbucket = await Simulator.start({ clock, ...options.bitbucket });
    const root = mkdtempSync(join(tmpdir(), 'gitprotect-world-'));
    const app = await openAgent(root, { ...options, clock });
    return new World({ bitbucket, clock, root, app, options });
  }

  /** The agent's parts, since the last start. */
  get app(): App {
    if (this.#app === undefined) throw new Error('the agent was stopped');
    return this.#app;
  }

  get storageFolder(): string {
    return join(this.root, 'storage');
  }

  /** Calls as the command line makes them. */
  get call(): Call {
    if (this.#call === undefined) throw new Error('the agent was stopped');
    return this.#call;
  }

  /** What opens the storage, and tells what this agent wrote. */
  async keys(): Promise<Keys> {
    return keysOf(this.app);
  }

  /** Ends the agent: another process may work on its home. */
  async stop(): Promise<void> {
    await this.#app?.[Symbol.asyncDispose]();
    this.#app = undefined;
    this.#call = undefined;
  }

  /** Starts the agent on the same home (again), with other options where given. */
  async restart(options: Partial<WorldOptions> = {}): Promise<void> {
    await this.stop();
    this.#use(await openAgent(this.root, { ...this.#options, ...options, clock: this.clock }));
  }

  /** Serves the bare repo in `folder`, or an empty one. */
  addRepo(name: string, folder?: string): Repo {
    return this.bitbucket.state.addRepo({ project: this.project, name, ...(folder === undefined ? {} : { folder }) });
  }

  /** A repo as Bitbucket makes a fork: refs of its own, main where its origin's is, and the objects of its origin where they are. */
  async addFork(name: string, origin: Repo): Promise<Repo> {
    const fork = this.bitbucket.state.addRepo({ project: this.project, name, origin });
    shareObjects(fork, origin);
    await syncMain(fork, origin);
    return fork;
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
   * @param settings what differs from a plan of git alone, without schedule and retention
   */
  async plan(tokens: readonly Token[], settings: Partial<Params<'plan.add'>> = {}): Promise<Plan> {
    return addPlan(this.call, { url: this.bitbucket.url, projectKey: this.project.key, tokens }, settings);
  }

  /** Runs a plan to its end, and forgets the requests made before. */
  async run(plan: Pick<Plan, 'id'>): Promise<RunDetail> {
    this.bitbucket.requests.length = 0;
    return this.call('run.get', { id: await runToEnd(this.app, plan.id) });
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
    await this.stop();
    await this.bitbucket[Symbol.asyncDispose]();
    // The home beside it is that of commands run on this one (`agentProcess`).
    for (const folder of [this.root, `${this.root}.user`]) rmSync(folder, { recursive: true, force: true });
  }

  #use(app: App): void {
    this.#app = app;
    this.#call = callsOf(app, this.#stop.signal);
  }
}
