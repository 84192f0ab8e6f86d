import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '@gitprotect/agent/app';
import { metadataKinds } from '@gitprotect/shared/metadata';
import { addPlan, callsOf, keysOf, openAgent, runToEnd } from '../agent-parts.ts';
import type { Fault } from '../bitbucket/faults.ts';
import { addCommits, addTag } from '../bitbucket/history.ts';
import { addLfsObject } from '../bitbucket/lfs.ts';
import { lfsPointer } from '../bitbucket/lfs-pointer.ts';
import type { Repo } from '../bitbucket/model.ts';
import { noise } from '../noise.ts';
import { git } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { notDone, wholeUpkeep } from '../whole-upkeep.ts';
import { World } from '../world.ts';
import type { Dice } from './dice.ts';
import { Proven, staleIn } from './proven.ts';
import { SeenSnapshots } from './seen-snapshots.ts';
import { setClock, sharedClock } from './shared-clock.ts';

const { signal } = new AbortController();
export const hour = 3_600_000;
const day = 24 * hour;
const kept = 2;
const graceDays = 1;
const leaveOut = metadataKinds.filter((kind) => kind !== 'lfs' && kind !== 'labels');

/** An agent that can be run on: its home, and its plan. */
export interface AgentHome {
  readonly name: string;
  readonly home: string;
  readonly planId: string;
}

/**
 * A Bitbucket whose repos move, and two agents with one storage: each has a home, a database and a user of its own; the keys are the same. A third home only looks:
 * it lists and rebuilds what the others have stored.
 */
export class AgentsStage implements AsyncDisposable {
  readonly agents: readonly [AgentHome, AgentHome];
  readonly clockFile: string;
  readonly #world: World;
  readonly #folder: string;
  readonly #watcher: App;
  readonly #repos: Repo[];
  readonly #seen: SeenSnapshots;
  readonly #proven = new Proven();
  readonly #roll: Dice;
  #changes = 0;

  private constructor(parts: {
    world: World;
    folder: string;
    agents: readonly [AgentHome, AgentHome];
    watcher: App;
    repos: Repo[];
    roll: Dice;
  }) {
    this.#world = parts.world;
    this.#folder = parts.folder;
    this.clockFile = join(parts.folder, 'clock');
    this.agents = parts.agents;
    this.#watcher = parts.watcher;
    this.#repos = parts.repos;
    this.#roll = parts.roll;
    // Clocks of agents are ahead by what these have slept, which is less than an hour: what they remove in time is gone somewhat earlier by this one.
    this.#seen = new SeenSnapshots(parts.world.storageFolder, { kept, grace: graceDays * day - hour });
  }

  /** Some days of the first agent are behind them: there is something to prune, and soon something to merge. */
  static async start(roll: Dice): Promise<AgentsStage> {
    await using stack = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'gitprotect-agents-'));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    setClock(join(folder, 'clock'), Date.parse('2026-03-01T00:00:00Z'));
    const clock = sharedClock(join(folder, 'clock'));
    const world = stack.use(await World.start({ clock }));
    const repos = await movingRepos(world);
    const settings = { prune: { graceDays }, storageFolder: world.storageFolder };
    writeFileSync(join(world.root, 'config.json'), JSON.stringify(settings));
    const plan = await world.plan([world.addReader('ada')], { keep: { last: kept }, leaveOut });
    await world.restart();
    for (let begun = 0; begun < 8; begun += 1) {
      for (const repo of repos) await addCommits(repo, [{ message: `Day ${begun}`, files: { 'day.bin': noise(`${begun}`, 3000) } }]);
      await world.run(plan);
      clock.move(day);
    }
    const failed = notDone(await wholeUpkeep(world.app));
    if (failed.length > 0) throw new Error(failed.join('\n'));
    clock.move(day + hour);
    // The keys that both have were made with the storage.
    await world.stop();
    const other = async (name: string): Promise<App> => {
      const home = join(folder, name);
      mkdirSync(home, { mode: 0o700 });
      for (const file of ['vault.json', 'vault.key', 'vault-key-file.sealed']) cpSync(join(world.root, file), join(home, file));
      writeFileSync(join(home, 'config.json'), JSON.stringify(settings));
      return openAgent(home, { clock });
    };
    const second = await other('second');
    const made = { url: world.bitbucket.url, projectKey: world.project.key, tokens: [world.addReader('ben')] };
    const secondPlan = await addPlan(callsOf(second, signal), made, { keep: { last: kept }, leaveOut });
    await second[Symbol.asyncDispose]();
    const watcher = stack.use(await other('watcher'));
    const agents: [AgentHome, AgentHome] = [
      { name: 'first', home: world.root, planId: plan.id },
      { name: 'second', home: join(folder, 'second'), planId: secondPlan.id },
    ];
    const stage = new AgentsStage({ world, folder, agents, watcher, repos, roll });
    stack.move();
    return stage;
  }

  get clock() {
    return this.#world.clock;
  }

  /** How many snapshots were seen in all, and how many rebuilds there were. */
  get counts() {
    return { seen: this.#seen.count, rebuilt: this.#proven.count };
  }

  /** Somebody pushes to some repo. */
  async push(): Promise<void> {
    const repo = this.#repos[this.#roll(this.#repos.length)];
    if (repo === undefined) return;
    this.#changes += 1;
    const content = noise(String(this.#changes), 3000);
    const message = `Change ${this.#changes}`;
    const branch = `topic-${this.#roll(4)}`;
    switch (this.#roll(6)) {
      case 0:
        await addCommits(repo, [{ branch, message, files: { 'rewritten.bin': content }, orphan: true }]);
        break;
      case 1:
        git(repo.folder, ['update-ref', '-d', `refs/heads/${branch}`]);
        break;
      case 2:
        await addTag(repo, `v${this.#changes}`, 'refs/heads/main');
        break;
      case 3:
        repo.settings.set('labels', [{ name: message }]);
        await addCommits(repo, [{ message, files: { 'large.bin': lfsPointer(addLfsObject(repo, content), content.length) } }]);
        break;
      case 4:
        await addCommits(repo, [{ branch, from: 'refs/heads/main', message, files: { [`${branch}.bin`]: content } }]);
        break;
      default:
        await addCommits(repo, [{ message, files: { 'noise.bin': content } }]);
    }
  }

  /** Bitbucket stumbles: some requests that come soon are refused, cut, or answered with less than all. @returns what it was */
  stumble(): string {
    const kinds: readonly Fault[] = [
      { kind: 'throttle', retryAfter: 1 },
      { kind: 'unavailable' },
      { kind: 'unavailable', status: 500 },
      { kind: 'reset' },
      { kind: 'cut', at: this.#roll(2000) },
      { kind: 'truncate', at: this.#roll(2000) },
      { kind: 'empty' },
      { kind: 'flip', at: this.#roll(2000) },
    ];
    const fault = kinds[this.#roll(kinds.length)];
    if (fault === undefined) return '';
    const onlyGit = ['cut', 'truncate', 'empty', 'flip'].includes(fault.kind);
    this.#world.bitbucket.faults.add(fault, {
      nth: 1 + this.#roll(6),
      times: 1 + this.#roll(2),
      ...(onlyGit ? { git: ['ls-refs', 'fetch'] as const } : {}),
    });
    return fault.kind;
  }

  /** Bitbucket behaves again. */
  behave(): void {
    this.#world.bitbucket.faults.clear();
  }

  /** Which snapshots are gone or changed that must not be. */
  async lost(): Promise<string[]> {
    return this.#seen.look(await keysOf(this.#watcher), this.clock.now());
  }

  /** Of what an agent says it has committed, that which was never seen in storage. */
  neverSeen(saved: readonly { repoId: number; snapshotId: string }[]): string[] {
    return saved
      .filter(({ repoId, snapshotId }) => !this.#seen.has(`/repos/${repoId}/snapshots/${snapshotId}.`))
      .map(({ repoId, snapshotId }) => `snapshot ${snapshotId} of ${repoId} was reported and never seen`);
  }

  /** Rebuilds some snapshots that were not rebuilt yet, beside the agents. @returns what is wrong with those that are there after all */
  async rebuild(most: number): Promise<string[]> {
    const { catalogue } = await this.#watcher.place(signal);
    await catalogue.rebuild({ signal });
    const wrong = await this.#proven.drill(this.#watcher, most);
    return [...wrong]
      .filter(([name]) => existsSync(join(this.#world.storageFolder, name)))
      .map(([name, problems]) => `${name}: ${problems.join(', ')}`);
  }

  /**
   * One agent after the other is started again, without faults, does its round, and lets all times of grace pass. Nobody helps.
   * @returns what is not as it must be
   */
  async settled(): Promise<string[]> {
    this.behave();
    const broken: string[] = [];
    const runs = async (app: App, { name, planId }: AgentHome): Promise<void> => {
      const run = await app.runs.detail(await runToEnd(app, planId));
      if (run.state !== 'succeeded') broken.push(`${name}: the run is ${run.state}: ${JSON.stringify(run.problems)}`);
    };
    // What a run has committed that was killed before its list, its own agent lists: the other does not believe storage alone.
    for (const agent of this.agents) {
      await using app = await openAgent(agent.home, { clock: this.clock });
      await runs(app, agent);
    }
    for (const agent of this.agents) {
      const { name, home } = agent;
      await using app = await openAgent(home, { clock: this.clock });
      await runs(app, agent);
      for (let round = 0; round < 4; round += 1) {
        broken.push(...notDone(await wholeUpkeep(app)).map((one) => `${name}: ${one}`));
        // The last look is at what all others have left.
        if (round < 3) this.clock.move(8 * day);
      }
      const stale = await staleIn(app, this.#repos, this.#world.storageFolder);
      broken.push(...stale.map((one) => `${name}: ${one}`), ...(await this.lost()), ...(await this.rebuild(Infinity)));
    }
    const { violations, orphans, unfinished } = await storageInvariants(this.#world.storageFolder, await keysOf(this.#watcher));
    const left = [...orphans, ...unfinished].map((name) => `${name} is still there weeks later`);
    return [...broken, ...violations, ...left];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher[Symbol.asyncDispose]();
    await this.#world[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Two repos; and one large enough to be leaned on, with a fork. */
async function movingRepos(world: World): Promise<Repo[]> {
  const repos = ['one', 'two', 'origin'].map((name) => world.addRepo(name));
  for (const repo of repos) {
    const content = noise(repo.name, repo.name === 'origin' ? 1_100_000 : 10_000);
    await addCommits(repo, [{ message: 'Begin', files: { 'begin.bin': content } }]);
    // Enough of them that no push is the end of most.
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) git(repo.folder, ['update-ref', `refs/heads/stays-${name}`, 'refs/heads/main']);
  }
  const origin = repos.at(-1);
  if (origin === undefined) throw new Error('there is nothing to fork');
  return [...repos, await world.addFork('fork', origin)];
}
