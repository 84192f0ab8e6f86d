import { type ReadonlySignal, batch, computed, signal } from '@preact/signals';
import type { Call, EventBody, Result } from '@gitprotect/shared/protocol';
import type { Job, Run, RunDetail } from '@gitprotect/shared/run';
import type { Guard, RepoRetention } from '@gitprotect/shared/retention-view';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { Connection, LocalMethod, LocalMethods, PushedEvent, Site } from '../../agent/messages.ts';
import { Resource } from './resource.ts';
import { followRun, mergeActive, mergeDetail, mergeRun } from './run-progress.ts';

export type Local = <M extends LocalMethod>(method: M, params: LocalMethods[M]['params']) => Promise<LocalMethods[M]['result']>;

/** How a store reaches the background, and what time it is. Tests and screenshots hand in scripted ones. */
export interface StoreParts {
  readonly call: Call;
  readonly local: Local;
  readonly subscribe: (listener: (event: PushedEvent) => void, signal: AbortSignal) => void;
  /** Asks the browser for permission, then the background to work on a site; `null` when the person declines. */
  readonly enableSite: (address: string) => Promise<Site | null>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type What = EventBody<'changed'>['what'][number] | 'sites';

/** All that the agent alone knows. */
const ofAgent = ['status', 'servers', 'projects', 'credentials', 'plans', 'runs', 'snapshots', 'storages', 'pairings'] as const;

/** Newest runs that the list holds. */
export const runsShown = 200;
const tick = 15_000;

/** All that one page shows and does. Made anew for each page and each test; dispose it to stop listening. */
export class Store implements Disposable {
  readonly call: Call;
  readonly local: Local;
  readonly enableSite: StoreParts['enableSite'];
  /** `null` until the background has answered for the first time. */
  readonly connection: ReadonlySignal<Connection | null>;
  /** The time, every few seconds anew: what is shown as “2 h ago” stays true. */
  readonly time: ReadonlySignal<number>;
  /** Run id -> the repos on their way in it, as far as news told since this page opened. */
  readonly active: ReadonlySignal<ReadonlyMap<string, readonly Job[]>>;
  /** What was just done, said above whatever page follows. */
  readonly said = signal<string | null>(null);
  /** How far the restore to Bitbucket is that is on its way; `null` when none was heard of. */
  readonly restoring = signal<EventBody<'restore.progress'> | null>(null);
  readonly status: Resource<Result<'agent.status'>>;
  readonly servers: Resource<Result<'server.list'>>;
  readonly projects: Resource<Result<'project.list'>>;
  readonly credentials: Resource<Result<'credential.list'>>;
  readonly plans: Resource<Result<'plan.list'>>;
  readonly runs: Resource<Run[]>;
  readonly storages: Resource<Result<'storage.list'>>;
  readonly pairings: Resource<Result<'pairing.list'>>;
  readonly sites: Resource<Site[]>;
  /** What waits for somebody before it is pruned. */
  readonly guards: Resource<Guard[]>;

  readonly #parts: StoreParts;
  readonly #ending = new AbortController();
  readonly #connection = signal<Connection | null>(null);
  readonly #live = computed(() => this.#connection.value?.state === 'connected');
  readonly #time: ReturnType<typeof signal<number>>;
  readonly #active = signal<ReadonlyMap<string, readonly Job[]>>(new Map());
  readonly #details = new Map<string, Resource<RunDetail>>();
  readonly #coverage = new Map<string, Resource<Result<'project.coverage'>>>();
  readonly #forecasts = new Map<string, Resource<Result<'plan.forecast'>>>();
  readonly #available = new Map<string, Resource<Result<'project.available'>>>();
  readonly #snapshots = new Map<string, Resource<Snapshot[]>>();
  readonly #retention = new Map<string, Resource<RepoRetention>>();

  constructor(parts: StoreParts) {
    const { call, local } = parts;
    this.#parts = parts;
    this.call = call;
    this.local = local;
    this.enableSite = parts.enableSite;
    this.connection = this.#connection;
    this.#time = signal(parts.now());
    this.time = computed(() => this.#time.value ?? 0);
    this.active = this.#active;
    const ask = <T>(read: () => Promise<T>) => new Resource(read, this.#live);
    this.status = ask(() => call('agent.status', {}));
    this.servers = ask(() => call('server.list', {}));
    this.projects = ask(() => call('project.list', {}));
    this.credentials = ask(() => call('credential.list', {}));
    this.plans = ask(() => call('plan.list', {}));
    this.runs = ask(() => call('run.list', { limit: runsShown }));
    this.storages = ask(() => call('storage.list', {}));
    this.pairings = ask(() => call('pairing.list', {}));
    this.guards = ask(() => call('guard.list', {}));
    this.sites = new Resource(() => local('sites', {}), signal(true));

    const clock = setInterval(() => (this.#time.value = parts.now()), tick);
    this.#ending.signal.addEventListener('abort', () => clearInterval(clock));
    parts.subscribe((event) => this.#hear(event), this.#ending.signal);
  }

  /** One run with its repos. */
  run(id: string): Resource<RunDetail> {
    return kept(this.#details, id, () => new Resource(() => this.call('run.get', { id }), this.#live));
  }

  /** What the runs of a plan will cost. */
  forecast(planId: string): Resource<Result<'plan.forecast'>> {
    return kept(this.#forecasts, planId, () => new Resource(() => this.call('plan.forecast', { id: planId }), this.#live));
  }

  /** Snapshots of everything, of one project, or of one of its repos, newest first. */
  snapshots(projectKey?: string, slug?: string): Resource<Snapshot[]> {
    const which = { ...(projectKey !== undefined && { projectKey }), ...(slug !== undefined && { slug }) };
    return kept(
      this.#snapshots,
      `${projectKey ?? ''}/${slug ?? ''}`,
      () => new Resource(() => this.call('snapshot.list', { ...which, limit: 5000 }), this.#live),
    );
  }

  /** Why each snapshot of a repo stays or goes. */
  retention({ serverId, projectKey, slug }: Pick<Snapshot, 'serverId' | 'projectKey' | 'slug'>): Resource<RepoRetention> {
    const repo = { serverId, projectKey, slug };
    return kept(
      this.#retention,
      `${serverId}/${projectKey}/${slug}`,
      () => new Resource(() => this.call('retention.get', { repo }), this.#live),
    );
  }

  /** Projects that a server shows to our credentials. */
  available(serverId: string): Resource<Result<'project.available'>> {
    return kept(this.#available, serverId, () => new Resource(() => this.call('project.available', { serverId }), this.#live));
  }

  /** Which account sees which repo of a project. */
  coverage(projectId: string): Resource<Result<'project.coverage'>> {
    return kept(this.#coverage, projectId, () => new Resource(() => this.call('project.coverage', { id: projectId }), this.#live));
  }

  /** Asks again for lists that changed, as far as somebody looks at them. */
  async refresh(...what: readonly What[]): Promise<void> {
    await Promise.all(what.flatMap((name) => this.#resourcesOf(name)).map((resource) => resource.reload()));
  }

  /** Tries to reach the agent now. */
  async look(): Promise<void> {
    this.#meet(await this.local('connection', {}));
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  #resourcesOf(name: What): readonly Pick<Resource<unknown>, 'reload' | 'forget'>[] {
    switch (name) {
      case 'runs':
        return [this.runs, ...this.#details.values(), ...this.#forecasts.values()];
      case 'plans':
        return [this.plans, ...this.#forecasts.values()];
      case 'snapshots':
        return [...this.#snapshots.values(), ...this.#retention.values(), this.guards];
      case 'projects':
        return [this.projects, ...this.#coverage.values()];
      case 'credentials':
        // What a server shows is what its credentials see.
        return [this.credentials, ...this.#available.values()];
      default:
        return [this[name]];
    }
  }

  #hear(event: PushedEvent): void {
    this.#time.value = this.#parts.now();
    switch (event.name) {
      case 'connection':
        this.#meet(event.body);
        break;
      case 'changed':
        void this.refresh(...event.body.what);
        break;
      case 'run.progress':
        batch(() => this.#progress(event.body));
        break;
      case 'restore.progress':
        this.restoring.value = event.body;
        break;
      case 'verify.progress':
        // Told to whoever asked for it, by the command line.
        break;
    }
  }

  /** State is never resumed: after each connection all that is shown is asked for again. */
  #meet(connection: Connection): void {
    const before = this.#live.peek();
    this.#connection.value = connection;
    if (connection.state === 'unpaired') for (const name of ofAgent) for (const resource of this.#resourcesOf(name)) resource.forget();
    if (!before && this.#live.peek()) void this.refresh(...ofAgent);
  }

  #progress(news: EventBody<'run.progress'>): void {
    const { run } = news;
    this.runs.change((runs) => mergeRun(runs, run));
    this.plans.change((plans) => followRun(plans, run));
    this.#details.get(run.id)?.change((detail) => mergeDetail(detail, news));
    this.#active.value = new Map(this.#active.peek()).set(run.id, mergeActive(this.#active.peek().get(run.id) ?? [], news));
    if (run.state !== 'running') void this.#details.get(run.id)?.reload();
  }
}

function kept<T>(all: Map<string, T>, key: string, make: () => T): T {
  const made = all.get(key) ?? make();
  all.set(key, made);
  return made;
}
