import * as v from 'valibot';
import { Count } from './text.ts';

/**
 * Everything Bitbucket holds beside git, by kind. One record a kind and repo (or project), except `pull-requests` and `attachments`: one
 * each. The words are those of messages and pages.
 */
export const kindWords = {
  details: 'details',
  avatar: 'avatar',
  'pull-requests': 'pull requests',
  attachments: 'attachments',
  'commit-comments': 'comments on commits',
  'branch-model': 'branching model',
  'branch-restrictions': 'branch restrictions',
  'default-reviewers': 'default reviewers',
  'reviewer-groups': 'reviewer groups',
  'default-tasks': 'default tasks',
  'required-builds': 'required builds',
  webhooks: 'webhooks',
  hooks: 'hooks and merge checks',
  'hook-scripts': 'hook scripts',
  'pull-request-settings': 'pull request settings',
  'auto-merge': 'auto-merge',
  'auto-decline': 'auto-decline',
  'change-author': 'change of author',
  'user-permissions': 'permissions of users',
  'group-permissions': 'permissions of groups',
  'default-permissions': 'default permissions',
  labels: 'labels',
  'access-keys': 'access keys',
  'secret-scanning': 'secret scanning',
  'fork-sync': 'fork syncing',
  'settings-restrictions': 'restricted settings',
  lfs: 'Git LFS',
} as const;

export type MetadataKind = keyof typeof kindWords;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a constant are what its type says
export const metadataKinds = Object.keys(kindWords) as readonly MetadataKind[];

export const MetadataKind = v.picklist(metadataKinds);

const permissions: readonly MetadataKind[] = ['user-permissions', 'group-permissions', 'default-permissions', 'access-keys'];
const pullRequests: readonly MetadataKind[] = ['pull-requests', 'attachments'];

/** Kinds that people think of together: what a plan's switches and `--leave-out` name. */
export const kindGroups = {
  'pull-requests': pullRequests,
  lfs: ['lfs'],
  permissions,
  settings: metadataKinds.filter((kind) => kind !== 'lfs' && ![...permissions, ...pullRequests].includes(kind)),
} as const satisfies Readonly<Record<string, readonly MetadataKind[]>>;
export type KindGroup = keyof typeof kindGroups;
export const groupWords: Readonly<Record<KindGroup, string>> = {
  'pull-requests': 'pull requests',
  lfs: 'large files (Git LFS)',
  settings: 'settings',
  permissions: 'permissions and keys',
};
export const groupNames = ['pull-requests', 'lfs', 'settings', 'permissions'] as const satisfies readonly KindGroup[];

/** Whether all, some or none of a group is left out. */
export function leftOutOf(group: KindGroup, leaveOut: readonly MetadataKind[]): 'all' | 'some' | 'none' {
  const kinds: readonly MetadataKind[] = kindGroups[group];
  const out = kinds.filter((kind) => leaveOut.includes(kind)).length;
  return out === 0 ? 'none' : out === kinds.length ? 'all' : 'some';
}

/**
 * What became of one kind in one snapshot. `not-permitted`: no credential in use may read it; `not-available`: this Bitbucket has no such
 * thing; `not-listable`: its API lists none; `left-out`: the plan wants none; `failed`: the server's answer was no use, older records stay.
 */
export const KindState = v.variant('state', [
  v.object({ state: v.literal('saved'), records: Count }),
  v.object({ state: v.literal('not-permitted') }),
  v.object({ state: v.literal('not-available') }),
  v.object({ state: v.literal('not-listable') }),
  v.object({ state: v.literal('left-out') }),
  v.object({ state: v.literal('failed'), message: v.string() }),
]);
export type KindState = v.InferOutput<typeof KindState>;

/** By kind; a kind that is absent was not looked at (a backup from before it existed). A newer release may know more of them. */
export const KindStates = v.record(v.string(), KindState);
export type KindStates = v.InferOutput<typeof KindStates>;

/** A large file that a commit names and the server does not have, or not whole. */
export const MissingLfs = v.object({ oid: v.string(), bytes: Count, path: v.nullable(v.string()), why: v.string() });
export type MissingLfs = v.InferOutput<typeof MissingLfs>;

/** The large files a snapshot needs: how many, their bytes as git sees them, and those that could not be had. */
export const LfsState = v.object({ objects: Count, bytes: Count, missing: v.array(MissingLfs) });
export type LfsState = v.InferOutput<typeof LfsState>;

/** Words for what restores speak of beside kinds. */
const otherWords = { repository: 'repository', git: 'git', 'lfs-objects': 'large files' };

/** Words for a kind that may be of a newer release, or for another thing of a restore. */
export function wordsOfKind(kind: string): string {
  const known: Readonly<Record<string, string>> = { ...kindWords, ...otherWords };
  return known[kind] ?? kind;
}
