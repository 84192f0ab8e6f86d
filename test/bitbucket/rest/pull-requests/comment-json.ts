import type { Comment, Repo, User } from '../../model.ts';
import type { Instance } from '../../instance.ts';
import { userJson } from '../json.ts';

/** Who reads a comment: what it says they may do depends on it. */
export interface Viewer {
  readonly instance: Instance;
  readonly repo: Repo;
  readonly user: User | undefined;
  /** Whether they administer the repository. */
  readonly admin: boolean;
}

/** A comment with its replies. The anchor is beside it in activities, in it everywhere else. */
export function commentJson(viewer: Viewer, comment: Comment, options: { anchored: boolean } = { anchored: true }): object {
  const { instance, repo } = viewer;
  const { resolved, threadResolved, anchor } = comment;
  const own = comment.author === viewer.user;
  return {
    properties: { repositoryId: repo.id, ...reactionsJson(instance, comment) },
    id: comment.id,
    version: comment.version,
    text: comment.text,
    author: userJson(instance, comment.author),
    createdDate: comment.createdDate,
    updatedDate: comment.updatedDate,
    comments: comment.replies.map((reply) => commentJson(viewer, reply)),
    ...(options.anchored && anchor !== undefined ? { anchor } : {}),
    severity: comment.severity,
    state: comment.state,
    ...(resolved === undefined ? {} : { resolvedDate: resolved.at, resolver: userJson(instance, resolved.by) }),
    ...(comment.parent === undefined ? { threadResolved: threadResolved !== undefined } : {}),
    ...(threadResolved === undefined
      ? {}
      : { threadResolvedDate: threadResolved.at, threadResolver: userJson(instance, threadResolved.by) }),
    permittedOperations: {
      editable: own,
      transitionable: own || viewer.admin,
      deletable: (own || viewer.admin) && comment.replies.length === 0,
    },
  };
}

function reactionsJson(instance: Instance, { reactions }: Comment): object {
  if (reactions.size === 0) return {};
  const list = [...reactions].map(([name, users]) => ({
    emoticon: emoticonJson(instance, name),
    users: users.map((user) => userJson(instance, user)),
  }));
  return { reactions: list };
}

const pictures: Readonly<Record<string, string>> = {
  thumbsup: '👍',
  thumbsdown: '👎',
  heart: '❤️',
  laughing: '😆',
  tada: '🎉',
  thinking_face: '🤔',
};

export function emoticonJson(instance: Instance, name: string): object {
  const value = pictures[name] ?? '';
  const code = (value.codePointAt(0) ?? 0).toString(16);
  return { shortcut: name, value, url: `${instance.url}/s/emoji/${code}.svg` };
}
