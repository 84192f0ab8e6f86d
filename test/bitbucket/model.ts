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
  /** The picture someone uploaded; the server draws one of its own when there is none. */
  avatar: { readonly contentType: string; readonly bytes: Buffer } | undefined;
  /** What it is configured with, as `Repo.settings`. */
  readonly settings: Settings;
  readonly nextId: () => number;
}

/** Webhooks, restrictions and the like as REST shows them, by the names in `rest/settings/`. An object is a list of one. */
type Settings = Map<string, readonly Readonly<Record<string, unknown>>[]>;

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
  /** The highest number a pull request had, deleted ones included. */
  readonly lastPullRequest: { id: number };
  readonly settings: Settings;
  /** Large files: whether the repository takes them, each by its oid (shared with its forks), and what goes wrong with them. */
  readonly lfs: { enabled: boolean; readonly objects: Map<string, Buffer>; readonly faults: LfsFaults };
  /** Files people dropped into texts, by their ids. */
  readonly attachments: Map<string, Attachment>;
  /** Comments on commits, by the commit. Nothing lists them all. */
  readonly commitComments: Map<string, Comment[]>;
  /** The next id of anything the instance numbers: comments, activities. */
  readonly nextId: () => number;
}

export interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
  metadata: { readonly id: number; json: string } | undefined;
}

/** How the LFS server of one repository misbehaves; see `lfs-faults.ts`. */
export interface LfsFaults {
  /** Oids the batch promises and the store answers with 404. */
  readonly vanished: Set<string>;
  /** Oids whose bytes are not what their oid says. */
  readonly altered: Set<string>;
  /** Where downloads are, when not on this server: an origin with a slash at the end. */
  elsewhere: string | undefined;
  /** Whether each action carries an `Authorization` of its own, the only one its address takes. */
  ownAuthorization: boolean;
  /** Whether uploads have to be verified. */
  verify: boolean;
}

export type PullRequestState = 'OPEN' | 'MERGED' | 'DECLINED';
export type ReviewStatus = 'UNAPPROVED' | 'NEEDS_WORK' | 'APPROVED';

export interface Participant {
  readonly user: User;
  status: ReviewStatus;
  lastReviewedCommit: string | undefined;
}

export interface PullRequest {
  readonly id: number;
  /** Counts changes of title, description, reviewers and state; comments and reviews leave it as it is. */
  version: number;
  title: string;
  description: string | undefined;
  state: PullRequestState;
  readonly createdDate: number;
  updatedDate: number;
  closedDate: number | undefined;
  readonly from: { readonly repo: Repo; readonly ref: string; commit: string };
  readonly to: { ref: string; commit: string };
  readonly author: User;
  reviewers: Participant[];
  /** Who took part without being asked to review. */
  readonly participants: Participant[];
  mergeCommit: string | undefined;
  /** Threads, oldest first; replies hang below their parents. */
  readonly comments: Comment[];
  /** What happened, the newest first. */
  readonly activities: Activity[];
  /** Older activities that are made anew for each request, and how many comments are among them. */
  readonly generated: { readonly comments: number; readonly activities: () => readonly Activity[] } | undefined;
}

/** Where in a diff a comment hangs; fields as REST has them. */
export interface Anchor {
  readonly path: string;
  readonly srcPath?: string;
  readonly line?: number;
  readonly lineType?: string;
  readonly fileType?: string;
  readonly fromHash?: string;
  readonly toHash?: string;
  readonly diffType?: string;
}

export interface Comment {
  readonly id: number;
  version: number;
  text: string;
  readonly author: User;
  readonly createdDate: number;
  updatedDate: number;
  readonly parent: Comment | undefined;
  readonly replies: Comment[];
  readonly anchor: Anchor | undefined;
  /** A BLOCKER is a task. */
  severity: 'NORMAL' | 'BLOCKER';
  state: 'OPEN' | 'RESOLVED';
  resolved: { readonly by: User; readonly at: number } | undefined;
  threadResolved: { readonly by: User; readonly at: number } | undefined;
  readonly reactions: Map<string, User[]>;
}

interface Happening {
  readonly id: number;
  readonly createdDate: number;
  readonly user: User;
}

export type Activity = Happening &
  (
    | { readonly action: 'OPENED' | 'DECLINED' | 'REOPENED' | 'APPROVED' | 'UNAPPROVED' | 'REVIEWED' }
    | { readonly action: 'MERGED'; readonly commit: string }
    | { readonly action: 'UPDATED'; readonly addedReviewers: readonly User[]; readonly removedReviewers: readonly User[] }
    | { readonly action: 'COMMENTED'; readonly commentAction: CommentAction; readonly comment: Comment }
    | {
        readonly action: 'RESCOPED';
        readonly before: Scope;
        readonly after: Scope;
        readonly added: readonly string[];
        readonly removed: readonly string[];
      }
  );

export type CommentAction = 'ADDED' | 'REPLIED' | 'EDITED' | 'DELETED';

interface Scope {
  readonly from: string;
  readonly to: string;
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
