import * as v from 'valibot';

const Text = v.fallback(v.nullish(v.string()), null);
const Flag = v.fallback(v.nullish(v.boolean()), null);
const Whole = v.fallback(v.nullish(v.number()), null);

const User = v.fallback(v.nullish(v.looseObject({ name: Text, slug: Text, displayName: Text })), null);
const Ref = v.fallback(
  v.nullish(
    v.looseObject({
      id: Text,
      displayId: Text,
      latestCommit: Text,
      repository: v.fallback(v.nullish(v.looseObject({ id: Whole, slug: Text })), null),
    }),
  ),
  null,
);

/** A pull request as a backup has it, as far as a restore needs it: any field may be missing. */
export const StoredPullRequest = v.looseObject({
  pullRequest: v.looseObject({
    id: v.number(),
    title: Text,
    description: Text,
    state: Text,
    createdDate: Whole,
    draft: Flag,
    fromRef: Ref,
    toRef: Ref,
    author: v.fallback(v.nullish(v.looseObject({ user: User })), null),
    reviewers: v.fallback(v.array(v.looseObject({ user: User, status: Text })), []),
  }),
  activities: v.fallback(v.array(v.unknown()), []),
});
export type StoredPullRequest = v.InferOutput<typeof StoredPullRequest>;

/** Where in a diff a comment stands. */
export const Anchor = v.looseObject({
  path: v.unknown(),
  srcPath: v.unknown(),
  line: Whole,
  lineType: Text,
  fileType: Text,
});
export type Anchor = v.InferOutput<typeof Anchor>;

/** A comment as it stands in an activity; its answers are inside it. */
export const StoredComment = v.looseObject({
  id: v.number(),
  version: v.fallback(v.number(), 0),
  text: v.fallback(v.string(), ''),
  author: User,
  createdDate: Whole,
  severity: Text,
  state: Text,
  threadResolved: Flag,
  anchor: v.fallback(v.nullish(Anchor), null),
  comments: v.fallback(v.array(v.unknown()), []),
});
export type StoredComment = v.InferOutput<typeof StoredComment>;

export const StoredActivity = v.looseObject({
  action: Text,
  commentAction: Text,
  comment: v.unknown(),
  commentAnchor: v.fallback(v.nullish(Anchor), null),
});

/** Who wrote it, for a person to read. */
export function nameOf(user: v.InferOutput<typeof User>): string {
  const name = user?.displayName ?? user?.name ?? 'somebody';
  return user?.name === undefined || user.name === null || user.name === name ? name : `${name} (${user.name})`;
}
