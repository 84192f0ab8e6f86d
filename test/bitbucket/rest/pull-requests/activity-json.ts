import type { Activity } from '../../model.ts';
import { userJson } from '../json.ts';
import { commentJson, type Viewer } from './comment-json.ts';

/** An entry of a pull request's history. */
export function activityJson(viewer: Viewer, activity: Activity): object {
  const { instance } = viewer;
  const { id, createdDate, user, action } = activity;
  return { id, createdDate, user: userJson(instance, user), action, ...detailsJson(viewer, activity) };
}

function detailsJson(viewer: Viewer, activity: Activity): object {
  switch (activity.action) {
    case 'COMMENTED': {
      const { comment, commentAction } = activity;
      const { anchor } = comment;
      return {
        commentAction,
        comment: commentJson(viewer, comment, { anchored: false }),
        ...(anchor === undefined ? {} : { commentAnchor: { ...anchor, orphaned: false } }),
      };
    }
    case 'RESCOPED': {
      const { before, after, added, removed } = activity;
      return {
        fromHash: after.from,
        previousFromHash: before.from,
        previousToHash: before.to,
        toHash: after.to,
        added: commitsJson(added),
        removed: commitsJson(removed),
      };
    }
    case 'UPDATED':
      return {
        addedReviewers: activity.addedReviewers.map((user) => userJson(viewer.instance, user)),
        removedReviewers: activity.removedReviewers.map((user) => userJson(viewer.instance, user)),
      };
    case 'MERGED':
      return { commit: commitJson(activity.commit) };
    default:
      return {};
  }
}

const commitJson = (id: string): object => ({ id, displayId: id.slice(0, 11) });

const commitsJson = (ids: readonly string[]): object => ({ commits: ids.map(commitJson), total: ids.length });
