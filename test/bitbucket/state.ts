import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '@gitprotect/agent/lib/clock';
import type { Grant, Group, Project, Repo, Token, TokenPermission, TokenScope, User } from './model.ts';
import { noLfsFaults } from './lfs-faults.ts';
import { createBareFolder } from './repository.ts';
import { slugOf } from './slug.ts';
import { mintTokenSecret } from './token-secret.ts';

const day = 86_400_000;

export interface NewToken {
  /** Exactly one of these three says what the token is for. */
  user?: User;
  project?: Project;
  repo?: Repo;
  name: string;
  permissions: TokenPermission[];
  expiryDays?: number;
  /** A canary of your own instead of a fresh secret; its id is still a fresh one unless `id` is given. */
  secret?: string;
  id?: string;
}

/** Everything the simulated instance knows. Lists are open: tests add, change and remove as they like. */
export class State {
  readonly users: User[] = [];
  readonly groups: Group[] = [];
  readonly projects: Project[] = [];
  readonly repos: Repo[] = [];
  readonly tokens: Token[] = [];
  readonly grants: Grant[] = [];
  /** What LFS hands out with an address, in place of the token: valid for that address's server only. */
  readonly lfsPasses = new Map<string, User>();
  /** Browser sessions: cookie value to user. */
  readonly sessions = new Map<string, User>();
  /** Where a renamed or moved repository was: `KEY/slug` in lower case. */
  readonly formerPaths = new Map<string, Repo>();
  /** Projects by the keys they had, in lower case. */
  readonly formerKeys = new Map<string, Project>();
  /** The instance-wide switch "public access". */
  publicAccess = false;
  /** "Require token expiry": the most days a token may live, if the admin set it. */
  tokenExpiryRequired: number | undefined;
  /** The most tokens a user, project or repository may hold; the real number is not published. */
  maxTokens = 200;
  readonly #folder: string;
  readonly #version: string;
  readonly #clock: Clock;
  #lastId = 0;

  constructor(options: { folder: string; version: string; clock: Clock }) {
    this.#folder = options.folder;
    this.#version = options.version;
    this.#clock = options.clock;
  }

  addUser(user: { name: string; displayName?: string; password?: string; admin?: boolean; slug?: string }): User {
    const added: User = {
      id: this.#nextId(),
      name: user.name,
      slug: user.slug ?? slugOfUser(user.name),
      displayName: user.displayName ?? user.name,
      emailAddress: `${user.name.replaceAll(/[^a-z0-9.]/gi, '_')}@example.com`,
      password: user.password ?? `password of ${user.name}`,
      active: true,
      admin: user.admin ?? false,
      type: 'NORMAL',
    };
    this.users.push(added);
    return added;
  }

  addGroup(name: string, members: User[] = []): Group {
    const group: Group = { name, members: new Set(members) };
    this.groups.push(group);
    return group;
  }

  addProject(project: { key: string; name?: string; description?: string; public?: boolean }): Project {
    const added: Project = {
      id: this.#nextId(),
      key: project.key.toUpperCase(),
      name: project.name ?? project.key,
      description: project.description,
      public: project.public ?? false,
      type: 'NORMAL',
      owner: undefined,
      avatar: undefined,
      settings: new Map(),
      nextId: () => this.#nextId(),
    };
    this.projects.push(added);
    return added;
  }

  /** `~NAME`, made by Bitbucket when a user adds the first personal repository. */
  addPersonalProject(owner: User): Project {
    const added: Project = {
      id: this.#nextId(),
      key: `~${owner.slug.toUpperCase()}`,
      name: owner.displayName,
      description: undefined,
      public: false,
      type: 'PERSONAL',
      owner,
      avatar: undefined,
      settings: new Map(),
      nextId: () => this.#nextId(),
    };
    this.projects.push(added);
    return added;
  }

  /**
   * Adds a repository, empty on disk unless `folder` names an existing bare repository to serve as it is.
   * @param repo `defaultBranch` is where HEAD points, `main` by default; it is unborn until someone pushes.
   */
  addRepo(repo: {
    project: Project;
    name: string;
    description?: string;
    public?: boolean;
    archived?: boolean;
    origin?: Repo;
    forkable?: boolean;
    defaultBranch?: string;
    folder?: string;
  }): Repo {
    const id = this.#nextId();
    const folder = repo.folder ?? createBareFolder(join(this.#folder, `${id}.git`), repo.defaultBranch ?? 'main');
    const added: Repo = {
      id,
      project: repo.project,
      slug: slugOf(repo.name),
      name: repo.name,
      description: repo.description,
      public: repo.public ?? false,
      archived: repo.archived ?? false,
      forkable: repo.forkable ?? true,
      hierarchyId: repo.origin?.hierarchyId ?? randomBytes(10).toString('hex'),
      origin: repo.origin,
      folder,
      defaultBranchChosen: repo.defaultBranch !== undefined,
      pullRequests: [],
      lastPullRequest: { id: 0 },
      settings: new Map(),
      lfs: { enabled: repo.origin?.lfs.enabled ?? false, objects: repo.origin?.lfs.objects ?? new Map(), faults: noLfsFaults() },
      attachments: new Map(),
      commitComments: new Map(),
      nextId: () => this.#nextId(),
    };
    this.repos.push(added);
    return added;
  }

  /** Gives `to` a permission, in place of the one it had there. */
  grant(to: User | Group, permission: Grant['permission'], on: Project | Repo): void {
    this.revoke(to, on);
    this.grants.push({ on, to, permission });
  }

  revoke(from: User | Group, on: Project | Repo): void {
    const index = this.grants.findIndex((grant) => grant.on === on && grant.to === from);
    if (index >= 0) this.grants.splice(index, 1);
  }

  addToken(token: NewToken): Token {
    const scope = scopeOf(token);
    const minted = mintTokenSecret(this.#version);
    const createdDate = this.#clock.now();
    const added: Token = {
      id: token.id ?? minted.id,
      name: token.name,
      secret: token.secret ?? minted.secret,
      scope,
      actsAs: scope.kind === 'user' ? scope.target : this.#serviceUser(scope),
      permissions: [...token.permissions],
      createdDate,
      expiryDate: token.expiryDays === undefined ? undefined : createdDate + token.expiryDays * day,
      lastAuthenticated: undefined,
    };
    this.tokens.push(added);
    return added;
  }

  revokeToken(token: Token): void {
    const index = this.tokens.indexOf(token);
    if (index >= 0) this.tokens.splice(index, 1);
  }

  /** Opens a browser session and returns its cookie value. */
  addSession(user: User): string {
    const sessionId = randomUUID().replaceAll('-', '').toUpperCase();
    this.sessions.set(sessionId, user);
    return sessionId;
  }

  /** Renames or moves a repository; its old address answers 307 from then on. */
  moveRepo(repo: Repo, to: { name?: string; project?: Project }): void {
    this.formerPaths.set(pathKey(repo.project.key, repo.slug), repo);
    repo.project = to.project ?? repo.project;
    repo.name = to.name ?? repo.name;
    repo.slug = slugOf(repo.name);
    this.formerPaths.delete(pathKey(repo.project.key, repo.slug));
  }

  /** Gives a project another key; the old one answers 307 from then on, for its repositories too. */
  rekeyProject(project: Project, key: string): void {
    for (const repo of this.repos.filter((candidate) => candidate.project === project)) {
      this.formerPaths.set(pathKey(project.key, repo.slug), repo);
    }
    this.formerKeys.set(project.key.toLowerCase(), project);
    this.formerKeys.delete(key.toLowerCase());
    project.key = key.toUpperCase();
  }

  removeRepo(repo: Repo): void {
    const index = this.repos.indexOf(repo);
    if (index >= 0) this.repos.splice(index, 1);
    for (const token of this.tokens.filter(({ scope }) => scope.target === repo)) this.revokeToken(token);
  }

  removeProject(project: Project): void {
    const index = this.projects.indexOf(project);
    if (index >= 0) this.projects.splice(index, 1);
    for (const token of this.tokens.filter(({ scope }) => scope.target === project)) this.revokeToken(token);
  }

  /** Renames a user: name and slug change, number and tokens stay, and a personal project goes by the new name. */
  renameUser(user: User, name: string): void {
    user.name = name;
    user.slug = slugOfUser(name);
    for (const project of this.projects.filter(({ owner }) => owner === user)) this.rekeyProject(project, `~${user.slug}`);
  }

  findUser(slugOrName: string): User | undefined {
    const wanted = slugOrName.toLowerCase();
    return this.users.find((user) => user.type === 'NORMAL' && (user.slug === wanted || user.name.toLowerCase() === wanted));
  }

  findProject(key: string): Project | undefined {
    return this.projects.find((project) => project.key.toLowerCase() === key.toLowerCase());
  }

  findRepo(projectKey: string, slug: string): Repo | undefined {
    // Slugs are in small letters; most repositories are told apart by them alone, which counts where there are thousands.
    const wanted = { slug: slug.toLowerCase(), key: projectKey.toLowerCase() };
    return this.repos.find((repo) => repo.slug === wanted.slug && repo.project.key.toLowerCase() === wanted.key);
  }

  /** The project that used to have this key. */
  findRekeyedProject(key: string): Project | undefined {
    const project = this.formerKeys.get(key.toLowerCase());
    return project !== undefined && this.projects.includes(project) ? project : undefined;
  }

  /** Where the repository that used to be at this address is now. */
  findMovedRepo(projectKey: string, slug: string): Repo | undefined {
    const repo = this.formerPaths.get(pathKey(projectKey, slug));
    return repo !== undefined && this.repos.includes(repo) ? repo : undefined;
  }

  /** The account behind project and repository tokens; its name is not documented. */
  #serviceUser(scope: Exclude<TokenScope, { kind: 'user' }>): User {
    const name = `access-token-user/${scope.kind === 'project' ? 1 : 2}/${scope.target.id}`;
    const known = this.users.find((user) => user.type === 'SERVICE' && user.name === name);
    if (known !== undefined) return known;
    const added: User = {
      id: this.#nextId(),
      name,
      slug: name.replaceAll('/', '_'),
      displayName: scope.target.name,
      emailAddress: '',
      password: '',
      active: true,
      admin: false,
      type: 'SERVICE',
    };
    this.users.push(added);
    return added;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

/** Bitbucket replaces what a slug may not hold: jane@example becomes jane_example. */
const slugOfUser = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9._-]/g, '_');

const pathKey = (projectKey: string, slug: string): string => `${projectKey}/${slug}`.toLowerCase();

function scopeOf({ user, project, repo }: NewToken): TokenScope {
  if (user !== undefined) return { kind: 'user', target: user };
  if (project !== undefined) return { kind: 'project', target: project };
  if (repo !== undefined) return { kind: 'repo', target: repo };
  throw new TypeError('a token is for a user, a project or a repo: name one');
}
