import { readMetadata, type LiveRecord } from '@gitprotect/agent/catalogue/metadata-object';
import type { Plan } from '@gitprotect/shared/plan';
import type { RunDetail } from '@gitprotect/shared/run';
import { addCommits } from '../bitbucket/history.ts';
import type { Repo, Token } from '../bitbucket/model.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { World, type WorldOptions } from '../world.ts';

export const signal = new AbortController().signal;

/** A world with one repo `one`, and what a test of what lies beside git asks of it. */
export class MetadataWorld implements AsyncDisposable {
  readonly world: World;
  readonly repo: Repo;

  private constructor(world: World, repo: Repo) {
    this.world = world;
    this.repo = repo;
  }

  static async start(options: WorldOptions = {}): Promise<MetadataWorld> {
    const world = await World.start(options);
    const repo = world.addRepo('one');
    await addCommits(repo, [{ message: 'Begin', files: { 'README.md': '# one\n' } }]);
    return new MetadataWorld(world, repo);
  }

  /** A user who administers the project, with a token that may do so. */
  addAdmin(name: string): Token {
    const { state } = this.world.bitbucket;
    const user = state.addUser({ name });
    state.grant(user, 'PROJECT_ADMIN', this.world.project);
    return state.addToken({ user, name: `admin ${name}`, permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
  }

  plan(tokens: readonly Token[], leaveOut: Plan['leaveOut'] = []): Promise<Plan> {
    return this.world.plan(tokens, { leaveOut });
  }

  /** Runs the plan and says what became of the repo. */
  async outcome(plan: Pick<Plan, 'id'>): Promise<RunDetail['jobs'][number]['outcome']> {
    return (await this.world.run(plan)).jobs.find(({ slug }) => slug === 'one')?.outcome ?? null;
  }

  /** Requests since the last run began, to paths that match. */
  asked(path: RegExp, tokenId?: string): string[] {
    return this.world.bitbucket.requests
      .filter((request) => path.test(request.path) && (tokenId === undefined || request.tokenId === tokenId))
      .map((request) => `${request.method} ${request.path}`);
  }

  /** What the newest snapshot of the repo `slug` holds beside git. */
  async newest(slug = 'one') {
    const { catalogue, plain, keys } = await this.world.app.place(signal);
    const entry = (await catalogue.list({})).filter((one) => one.slug === slug).toSorted((a, b) => b.id.localeCompare(a.id))[0];
    if (entry === undefined) throw new Error('no snapshot');
    const { manifest } = await catalogue.manifest(await catalogue.find({ repo: entry, snapshotId: entry.id }), { signal });
    const records: LiveRecord[] = [];
    for await (const record of readMetadata({ storage: plain, keys }, manifest.metadata?.chain ?? [], { signal })) records.push(record);
    return { manifest, records, of: (kind: string) => records.filter((record) => record.kind === kind) };
  }

  async state() {
    return storageInvariants(this.world.storageFolder, await this.world.keys());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}
