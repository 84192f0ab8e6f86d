import * as v from 'valibot';
import { Count, Id, Time } from './text.ts';

/** Bitbucket's key of a project: `ORCH`, or `~jane` for a personal one. */
export const ProjectKey = v.pipe(v.string(), v.regex(/^~?[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'is not a project key'));
/** Bitbucket's slug of a repo. */
export const RepoSlug = v.pipe(v.string(), v.regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/, 'is not a repository slug'));

/** A project of a server that somebody added here. `id` is ours; `bitbucketId` is the server's, once a credential has seen it. */
export const Project = v.object({
  id: Id,
  serverId: Id,
  key: ProjectKey,
  name: v.nullable(v.string()),
  bitbucketId: v.nullable(Count),
  addedAt: Time,
});
export type Project = v.InferOutput<typeof Project>;

/** A git repository in Bitbucket. `id` is Bitbucket's number and survives rename and move. */
export const Repo = v.object({
  id: Count,
  slug: RepoSlug,
  name: v.string(),
  projectKey: ProjectKey,
  archived: v.boolean(),
  /** The repo it was forked from, where that is readable. */
  forkOf: v.nullable(Count),
});
export type Repo = v.InferOutput<typeof Repo>;

/** How well the credentials in use cover a project: a repo that none of them sees is an error, never silence. */
export const Coverage = v.object({
  repos: Count,
  /** Slugs that no enabled credential sees (known from earlier runs or from another credential). */
  uncovered: v.array(RepoSlug),
  checkedAt: v.nullable(Time),
});
export type Coverage = v.InferOutput<typeof Coverage>;

/** What the strongest of a token's rights lets it do at most; `null` where the rights are not known. Its owner may be allowed less. */
export const Right = v.nullable(v.picklist(['read', 'write', 'admin']));
export type Right = v.InferOutput<typeof Right>;

/** Which account sees which repo of a project, by the last looks. */
export const CoverageTable = v.object({
  accounts: v.array(
    v.object({
      credentialId: Id,
      name: v.string(),
      ownerSlug: v.nullable(v.string()),
      /** Whether any plan uses it for this project: else what it sees does not count. */
      inUse: v.boolean(),
      right: Right,
    }),
  ),
  repos: v.array(v.object({ id: Count, slug: RepoSlug, archived: v.boolean(), seenBy: v.array(Id), lastSeenAt: Time })),
});
export type CoverageTable = v.InferOutput<typeof CoverageTable>;

/** Something a look found to be otherwise than the look before: a new repo, a right that was lost. */
export const AccessNews = v.object({ at: Time, credentialId: Id, message: v.string() });
export type AccessNews = v.InferOutput<typeof AccessNews>;
