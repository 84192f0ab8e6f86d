import { addCommits, addTag, type NewCommit } from '../bitbucket/history.ts';
import type { Repo, User } from '../bitbucket/model.ts';
import { git } from '../bitbucket/repository.ts';
import { Simulator } from '../bitbucket/simulator.ts';

/** A Bitbucket with two people and a project of real repositories, one of them with thousands of commits. */
export interface DemoWorld extends AsyncDisposable {
  readonly bitbucket: Simulator;
  readonly ann: User & { readonly password: string };
  readonly tom: User & { readonly password: string };
  readonly repos: readonly Repo[];
}

const commitsInCore = 5000;

export async function demoWorld(): Promise<DemoWorld> {
  const bitbucket = await Simulator.start({ rateLimit: { enabled: true } });
  const { state } = bitbucket;
  const ann = state.addUser({ name: 'ann.backup', displayName: 'Ann Backup', password: 'ann' });
  const tom = state.addUser({ name: 'tom.builder', displayName: 'Tom Builder', password: 'tom' });
  const project = state.addProject({ key: 'ORCH', name: 'Orchard' });
  state.grant(ann, 'PROJECT_READ', project);
  state.grant(tom, 'PROJECT_READ', project);
  // What people have on that page already.
  for (const user of [ann, tom]) {
    state.addToken({ user, name: 'ci-clone', permissions: ['REPO_READ'], expiryDays: 6 });
    state.addToken({ user, name: 'laptop', permissions: ['REPO_WRITE'], expiryDays: 200 });
  }
  const core = state.addRepo({ project, name: 'core' });
  await addCommits(core, work('core', commitsInCore));
  await addTag(core, 'v1.0', 'refs/heads/main', 'First release');
  await git(core.folder, ['branch', 'release/1.x', 'main~100']);
  const site = state.addRepo({ project, name: 'site' });
  await addCommits(site, work('site', 120));
  const docs = state.addRepo({ project, name: 'docs' });
  await addCommits(docs, work('docs', 30));
  const planned = state.addRepo({ project, name: 'planned' });
  return {
    bitbucket,
    ann: { ...ann, password: 'ann' },
    tom: { ...tom, password: 'tom' },
    repos: [core, site, docs, planned],
    [Symbol.asyncDispose]: () => bitbucket[Symbol.asyncDispose](),
  };
}

/** What a team does between two nights: commits, a new branch, a rewritten one, a deleted tag. */
export async function pushWork({ repos }: DemoWorld): Promise<void> {
  const [core, site] = repos;
  if (core === undefined || site === undefined) throw new Error('the demo has lost its repositories');
  await addCommits(core, [
    { files: { 'CHANGES.md': 'Second day\n' }, message: 'Second day', author: 'Tom Builder' },
    { branch: 'feature/pears', from: 'refs/heads/main', files: { 'pears.txt': 'new\n' }, message: 'Pears' },
  ]);
  await git(core.folder, ['branch', '--force', 'release/1.x', 'main~200']);
  await git(core.folder, ['tag', '--delete', 'v1.0']);
  await addCommits(site, [{ files: { 'index.html': '<h1>New</h1>\n' }, message: 'New front page' }]);
}

function work(name: string, count: number): NewCommit[] {
  const files = 200;
  return Array.from({ length: count }, (_, index) => ({
    files: { [`src/${name}-${index % files}.txt`]: `${name} ${index}\n${'line of work\n'.repeat(1 + (index % 40))}` },
    message: `Work ${index + 1} on ${name}`,
    author: index % 3 === 0 ? 'Ann Backup' : 'Tom Builder',
  }));
}
