import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { metadataKinds } from '@gitprotect/shared/metadata';
import type { Plan } from '@gitprotect/shared/plan';
import { addCommits } from '../bitbucket/history.ts';
import { addLfsObject } from '../bitbucket/lfs.ts';
import { lfsPointer } from '../bitbucket/lfs-pointer.ts';
import type { Repo } from '../bitbucket/model.ts';
import { childCommand } from '../crash/run-child.ts';
import { noise } from '../noise.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { notDone, wholeUpkeep } from '../whole-upkeep.ts';
import { World } from '../world.ts';
import { Proven, staleIn } from './proven.ts';
import { manifestsIn, SeenSnapshots } from './seen-snapshots.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** The rule keeps so many snapshots; older ones wait so many days for their removal, and so many again in the copy. */
const kept = 2;
const graceDays = 1;

/** Of what lies beside git labels and large files are enough: one kind of each sort of object. */
const leaveOut = metadataKinds.filter((kind) => kind !== 'lfs' && kind !== 'labels');

/** What a day must be seen to do, else killing it proves nothing of that. */
const mustHappen = [
  ...['bundle', 'metadata', 'manifest', 'merge', 'mark', 'list'].map((kind) => `having put ${kind} in storage`),
  ...['manifest', 'bundle', 'mark'].map((kind) => `having removed ${kind} in storage`),
  ...['bundle', 'manifest', 'list'].map((kind) => `having put ${kind} in offsite`),
  'having removed manifest in offsite',
];

/** When an agent is killed: at a step at which anything is otherwise than at the one before, in a storage or in the database; or so long after it has begun. */
export type Moment = { readonly step: number } | { readonly milliseconds: number };

/** How an agent ended that was to be killed. */
export interface ChildEnd {
  /** Each step of its storages, in words; the last is where it was killed. */
  readonly steps: readonly string[];
  /** How many of them are such as it could be killed at; 0 where it was killed. */
  readonly counted: number;
  readonly killed: boolean;
  /** From when it began. */
  readonly milliseconds: number;
}

/**
 * A Bitbucket with a repo that has large files, another and a fork of it, and an agent whose home other processes work on that are killed. Retention is short: each
 * day something is pruned and copied, and the copy is pruned; every few days chains are merged.
 */
export class KillStage implements AsyncDisposable {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #repos: Repo[] = [];
  readonly #copyFolder: string;
  readonly #seen: readonly SeenSnapshots[];
  readonly #proven = new Proven();
  #changes = 0;

  private constructor(parts: { world: World; plan: Plan; copyFolder: string }) {
    this.#world = parts.world;
    this.#plan = parts.plan;
    this.#copyFolder = parts.copyFolder;
    const grace = graceDays * day;
    this.#seen = [
      new SeenSnapshots(parts.world.storageFolder, { kept, grace }),
      new SeenSnapshots(parts.copyFolder, { kept, grace: 2 * grace }),
    ];
  }

  /**
   * All is ready for a day on which everything happens: it is the next one.
   * @param forks without them it is one repo, whose chain is merged on that day
   */
  static async start({ forks }: { readonly forks: boolean }): Promise<KillStage> {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await World.start());
    // For those that are killed as well.
    writeFileSync(join(world.root, 'config.json'), JSON.stringify({ prune: { graceDays } }));
    await world.restart();
    const copyFolder = join(world.root, 'offsite');
    mkdirSync(copyFolder);
    const offsite = await world.call('storage.add-folder', { name: 'offsite', folder: copyFolder });
    const plan = await world.plan([world.addReader('ada')], { copyTo: offsite.id, keep: { last: kept }, leaveOut });
    const stage = new KillStage({ world, plan, copyFolder });
    stage.#repos.push(world.addRepo('files'));
    // A chain is merged when it has nine links: that of the first repo now, that of the second on the day that is to be killed, when what was merged now goes.
    const days = forks ? 9 : 8;
    for (let begun = 0; begun < days; begun += 1) {
      if (forks && begun === 1) await stage.#addOrigin();
      if (forks && begun === 7) await stage.#addFork();
      await stage.change();
      if (begun < days - 3) await world.run(plan);
      else failOn(await stage.wholeDay());
    }
    failOn(await stage.broken());
    stack.move();
    return stage;
  }

  /** How many snapshots the storage was seen to have in all. */
  get snapshots(): number {
    return this.#seen[0]?.count ?? 0;
  }

  /** Something new in every repo, and a day passes. */
  async change(): Promise<void> {
    for (const repo of this.#repos) {
      this.#changes += 1;
      const content = noise(String(this.#changes), 5000);
      const files: Record<string, string | Buffer> = { 'noise.bin': content };
      if (repo.name === 'files') {
        files['large.bin'] = lfsPointer(addLfsObject(repo, content), content.length);
        repo.settings.set('labels', [{ name: `change ${this.#changes}` }]);
      }
      await addCommits(repo, [{ message: `Change ${this.#changes}`, files }]);
    }
    // Somewhat more: what is due after days is due then, whatever the time of day at which it was said.
    this.#world.clock.move(day + hour);
  }

  /** A run and all upkeep, in a process that is killed. The agent is started again after it. */
  async dayThatDies(when: Moment): Promise<ChildEnd> {
    const { root, clock } = this.#world;
    await this.#world.stop();
    const step = 'step' in when ? when.step : Infinity;
    const [file, args, env] = childCommand('child', [root, this.#plan.id, step, clock.now(), 'upkeep']);
    const running = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let began = performance.now();
    running.stdout.once('data', () => {
      began = performance.now();
      if ('milliseconds' in when) setTimeout(() => running.kill('SIGKILL'), when.milliseconds).unref();
    });
    const ended = new Promise<void>((resolve) => running.once('close', () => resolve()));
    const said = (await text(running.stdout)).split('\n');
    await ended;
    const milliseconds = performance.now() - began;
    const killed = running.signalCode === 'SIGKILL';
    if (!killed && (running.exitCode !== 0 || said.at(-1) !== 'succeeded'))
      throw new Error(`the agent ended with ${said.slice(-4).join(', ')}`);
    await this.#world.restart();
    const counted = Number(/^(\d+) steps$/m.exec(said.join('\n'))?.[1] ?? 0);
    if (!killed && counted === 0) throw new Error('the agent did not say how many steps there were');
    return { steps: said.filter((line) => line.includes(' in ')), counted, killed, milliseconds };
  }

  /** A run and all upkeep in this process. @returns what was not as it should be */
  async wholeDay(): Promise<string[]> {
    const { state, problems } = await this.#world.run(this.#plan);
    return [
      ...(state === 'succeeded' ? [] : [`the run is ${state}: ${JSON.stringify(problems)}`]),
      ...notDone(await wholeUpkeep(this.#world.app)),
    ];
  }

  /** What breaks a promise at this moment: a snapshot that is gone, changed, not whole or does not rebuild, in either storage; a run that is said to go on. */
  async broken(): Promise<string[]> {
    const { call, clock } = this.#world;
    const keys = await this.#world.keys();
    const broken: string[] = [];
    for (const seen of this.#seen) broken.push(...(await seen.look(keys, clock.now())));
    for (const folder of this.#folders())
      broken.push(...(await storageInvariants(folder, keys)).violations.map((one) => `${one} (${folder})`));
    const runs = await call('run.list', { limit: 10 });
    broken.push(...runs.filter(({ state }) => state === 'running').map(({ id }) => `${id} is said to be running`));
    const wrong = await this.#proven.drill(this.#world.app);
    return [...broken, ...[...wrong].map(([name, problems]) => `${name}: ${problems.join(', ')}`)];
  }

  /** What is not as it must be after a whole day: the newest snapshots are of what Bitbucket has, and list, signed lists and copy agree with storage. */
  async stale(): Promise<string[]> {
    const { app, storageFolder } = this.#world;
    const stale = await staleIn(app, this.#repos, storageFolder);
    const copied = manifestsIn(this.#copyFolder);
    for (const name of manifestsIn(storageFolder)) if (!copied.has(name)) stale.push(`${name} is not in the copy`);
    return stale;
  }

  /** Lets all times of grace pass, without anybody's help. @returns what is left of crashes then, and what upkeep could not do */
  async orphansLater(): Promise<string[]> {
    const left: string[] = [];
    for (let week = 0; week < 3; week += 1) {
      this.#world.clock.move(8 * day);
      left.push(...notDone(await wholeUpkeep(this.#world.app)));
    }
    for (const folder of this.#folders()) {
      const { orphans, unfinished } = await storageInvariants(folder, await this.#world.keys());
      left.push(...[...orphans, ...unfinished].map((name) => `${name} is still in ${folder} weeks later`));
    }
    return left;
  }

  /** Keeps the home and the time as they are now. @returns what brings both back */
  async checkpoint(): Promise<() => Promise<void>> {
    const { root, clock } = this.#world;
    const start = `${root}.start`;
    const now = clock.now();
    await this.#world.stop();
    rmSync(start, { recursive: true, force: true });
    cpSync(root, start, { recursive: true });
    await this.#world.restart();
    const forget = this.#seen.map((seen) => seen.checkpoint());
    return async () => {
      await this.#world.stop();
      for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
      cpSync(start, root, { recursive: true });
      clock.move(now - clock.now());
      for (const one of forget) one();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(`${this.#world.root}.start`, { recursive: true, force: true });
    await this.#world[Symbol.asyncDispose]();
  }

  #folders(): string[] {
    return [this.#world.storageFolder, this.#copyFolder];
  }

  /** A repo large enough to be leaned on. */
  async #addOrigin(): Promise<void> {
    const origin = this.#world.addRepo('origin');
    await addCommits(origin, [{ message: 'Begin', files: { 'large.bin': noise('origin', 1_100_000) } }]);
    this.#repos.push(origin);
  }

  async #addFork(): Promise<void> {
    const origin = this.#repos.at(-1);
    if (origin === undefined) throw new Error('there is nothing to fork');
    this.#repos.push(await this.#world.addFork('fork', origin));
  }
}

function failOn(broken: readonly string[]): void {
  if (broken.length > 0) throw new Error(broken.join('\n'));
}

/** What of `mustHappen` did not, in steps as `ChildEnd` has them. */
export function neverDone(steps: ReadonlySet<string>): string[] {
  return mustHappen.filter((step) => !steps.has(step)).map((step) => `no agent was seen ${step}`);
}
