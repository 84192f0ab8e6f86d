import { addCommits, addTag, type NewCommit } from './history.ts';
import type { Project, Repo, Token, User } from './model.ts';
import { addPullRequest } from './pull-requests.ts';
import type { Simulator } from './simulator.ts';

export interface SampleWorld {
  readonly admin: User;
  readonly alice: User;
  readonly bob: User;
  readonly shop: Project;
  readonly tools: Project;
  readonly personal: Project;
  readonly repos: readonly Repo[];
  readonly tokens: readonly Token[];
}

/** A small company: three users, two projects and a personal one, eight repositories with history, open and merged pull requests. */
export async function sampleWorld({ state }: Simulator): Promise<SampleWorld> {
  const admin = state.addUser({ name: 'admin', displayName: 'Ada Admin', password: 'admin', admin: true });
  const alice = state.addUser({ name: 'alice', displayName: 'Alice Example', password: 'alice' });
  const bob = state.addUser({ name: 'bob', displayName: 'Bob Builder', password: 'bob' });
  const developers = state.addGroup('developers', [alice, bob]);

  const shop = state.addProject({ key: 'SHOP', name: 'Web shop', description: 'Everything customers see' });
  const tools = state.addProject({ key: 'TOOLS', name: 'Internal tools', description: 'What keeps the shop running' });
  const personal = state.addPersonalProject(alice);
  state.grant(developers, 'PROJECT_WRITE', shop);
  state.grant(bob, 'PROJECT_ADMIN', tools);

  const storefront = await repoWith(state.addRepo({ project: shop, name: 'storefront', description: 'The site' }), 40);
  const payments = await repoWith(state.addRepo({ project: shop, name: 'Payments API' }), 25);
  const archive = await repoWith(state.addRepo({ project: shop, name: 'old-shop', archived: true }), 5);
  const empty = state.addRepo({ project: shop, name: 'not-started' });
  const deploy = await repoWith(state.addRepo({ project: tools, name: 'deploy' }), 12);
  const docs = await repoWith(state.addRepo({ project: tools, name: 'docs', public: true }), 8);
  const fork = state.addRepo({ project: personal, name: 'storefront', origin: storefront });
  await addCommits(fork, history('storefront', 41));
  const notes = await repoWith(state.addRepo({ project: personal, name: 'notes' }), 3);
  await addPullRequests(storefront, alice, bob);

  const tokens = [
    state.addToken({ user: alice, name: 'laptop', permissions: ['PROJECT_READ', 'REPO_WRITE'], expiryDays: 90 }),
    state.addToken({ user: alice, name: 'backup', permissions: ['PROJECT_READ', 'REPO_READ'] }),
    state.addToken({ user: bob, name: 'backup', permissions: ['PROJECT_READ', 'REPO_READ'], expiryDays: 7 }),
    state.addToken({ project: tools, name: 'pipeline', permissions: ['PROJECT_READ', 'REPO_READ'] }),
  ];
  const repos = [storefront, payments, archive, empty, deploy, docs, fork, notes];
  return { admin, alice, bob, shop, tools, personal, repos, tokens };
}

async function repoWith(repo: Repo, commits: number): Promise<Repo> {
  const oids = await addCommits(repo, history(repo.name, commits));
  await addTag(repo, 'v1.0.0', oids[1] ?? 'refs/heads/main', 'First release');
  await addTag(repo, 'started', oids[0] ?? 'refs/heads/main');
  return repo;
}

/** Commits that look like work: a file that grows, and a new one every third time. */
function history(name: string, count: number): NewCommit[] {
  const authors = ['Alice Example', 'Bob Builder', 'Çağla Özgür'];
  return Array.from({ length: count }, (_, index) => ({
    message: index === 0 ? `Begin ${name}` : `Step ${index} of ${name}`,
    author: authors[index % authors.length] ?? 'Alice Example',
    time: 1_750_000_000 + index * 7200,
    files: {
      'README.md': `# ${name}\n\n${'Another line.\n'.repeat(index + 1)}`,
      ...(index % 3 === 0 ? { [`src/part-${index}.ts`]: `export const part = ${index};\n` } : {}),
    },
  }));
}

async function addPullRequests(repo: Repo, author: User, reviewer: User): Promise<void> {
  const branches = ['feature/basket', 'feature/search', 'fix/prices'];
  await addCommits(
    repo,
    branches.map((branch, index) => ({
      branch,
      from: 'refs/heads/main',
      files: { [`${branch}.ts`]: `export const step = ${index};\n` },
      time: 1_751_000_000 + index * 600,
    })),
  );
  await addPullRequest(repo, { from: 'feature/basket', to: 'main', title: 'Add a basket', author, reviewers: [reviewer] });
  await addPullRequest(repo, { from: 'feature/search', to: 'main', title: 'Search by name', description: 'First part', author: reviewer });
  await addPullRequest(repo, { from: 'fix/prices', to: 'main', title: 'Round prices', author, state: 'DECLINED' });
}
