/** The things a Bitbucket instance holds, as plain objects that tests may change at any time. */

export interface User {
  readonly id: number;
  name: string;
  slug: string;
  displayName: string;
  emailAddress: string;
  password: string;
  active: boolean;
  /** Global ADMIN. A token never carries it. */
  admin: boolean;
  /** `SERVICE` users stand behind project and repository tokens; nobody logs in as one. */
  type: 'NORMAL' | 'SERVICE';
}

export interface Group {
  readonly name: string;
  readonly members: Set<User>;
}

export interface Project {
  readonly id: number;
  /** `KEY`, or `~NAME` for a personal project. */
  key: string;
  name: string;
  description: string | undefined;
  public: boolean;
  readonly type: 'NORMAL' | 'PERSONAL';
  /** Whose personal project it is. */
  readonly owner: User | undefined;
}

export interface Repo {
  readonly id: number;
  project: Project;
  slug: string;
  name: string;
  description: string | undefined;
  public: boolean;
  archived: boolean;
  forkable: boolean;
  /** Shared by a repository and all its forks. */
  readonly hierarchyId: string;
  readonly origin: Repo | undefined;
  /** The bare repository on disk. */
  readonly folder: string;
  /** Whether someone chose the default branch; if not, there is none until the first push. */
  defaultBranchChosen: boolean;
  readonly pullRequests: PullRequest[];
  /** Webhooks, restrictions and the like as REST shows them, by the names in `rest/settings.ts`. */
  readonly settings: Map<string, Record<string, unknown>[]>;
  /** Large files: whether the repository takes them, and each by its oid. */
  readonly lfs: { enabled: boolean; readonly objects: Map<string, Buffer> };
}

export type PullRequestState = 'OPEN' | 'MERGED' | 'DECLINED';

export interface PullRequest {
  readonly id: number;
  version: number;
  title: string;
  description: string | undefined;
  state: PullRequestState;
  readonly createdDate: number;
  updatedDate: number;
  closedDate: number | undefined;
  readonly from: { readonly repo: Repo; readonly ref: string; commit: string };
  readonly to: { readonly ref: string; commit: string };
  readonly author: User;
  /** As REST lists them, the newest first: approvals, comments, the opening. */
  readonly activities: Record<string, unknown>[];
  readonly reviewers: { readonly user: User; status: 'UNAPPROVED' | 'NEEDS_WORK' | 'APPROVED' }[];
}

export const tokenPermissions = ['PROJECT_READ', 'PROJECT_WRITE', 'PROJECT_ADMIN', 'REPO_READ', 'REPO_WRITE', 'REPO_ADMIN'] as const;
export type TokenPermission = (typeof tokenPermissions)[number];

/** Who a token acts for: a user, or everything in one project or one repository. */
export type TokenScope =
  | { readonly kind: 'user'; readonly target: User }
  | { readonly kind: 'project'; readonly target: Project }
  | { readonly kind: 'repo'; readonly target: Repo };

export interface Token {
  /** Twelve digits; may begin with 0. */
  readonly id: string;
  name: string;
  readonly secret: string;
  readonly scope: TokenScope;
  /** The user requests with this token count as: the scope's user, or the scope's service user. */
  readonly actsAs: User;
  permissions: TokenPermission[];
  readonly createdDate: number;
  expiryDate: number | undefined;
  lastAuthenticated: number | undefined;
}

type ProjectPermission = 'PROJECT_READ' | 'PROJECT_WRITE' | 'PROJECT_ADMIN';
type RepoPermission = 'REPO_READ' | 'REPO_WRITE' | 'REPO_ADMIN';

/** A permission given to a user or a group on one project or repository. */
export interface Grant {
  readonly on: Project | Repo;
  readonly to: User | Group;
  permission: ProjectPermission | RepoPermission;
}

/** How a request proved who it is. */
export type Identity =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'password'; readonly user: User }
  | { readonly kind: 'session'; readonly user: User; readonly sessionId: string }
  | { readonly kind: 'token'; readonly user: User; readonly token: Token };

export function isGroup(principal: User | Group): principal is Group {
  return 'members' in principal;
}

export function isRepo(resource: Project | Repo): resource is Repo {
  return 'folder' in resource;
}
