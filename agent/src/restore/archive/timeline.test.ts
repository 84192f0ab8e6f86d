import { describe, expect, test } from 'vitest';
import { said } from './sample.ts';
import { fullPullRequest } from './sample-pull-request.ts';
import { tasksIn, timeline } from './timeline.ts';

const idsIn = (activities: readonly unknown[]): unknown[] =>
  timeline(activities).flatMap(({ thread }) =>
    thread ? [thread.comments.map(({ depth, comment }) => [(comment as { id: number }).id, depth])] : [],
  );

describe('the timeline of a pull request', () => {
  test('is in the order things happened, and has every comment once, beneath what it answers', () => {
    const [first] = timeline(fullPullRequest.activities);
    expect(first).toMatchObject({ activity: { action: 'OPENED' } });
    expect(idsIn(fullPullRequest.activities)).toEqual([
      [
        [3, 0],
        [5, 1],
        [6, 2],
        [7, 3],
      ],
      [[8, 0]],
      [[9, 0]],
    ]);
  });

  test('shows a comment once that was listed for each thing done to it', () => {
    const comment = said(4, 'twice');
    expect(idsIn([comment, { ...comment, commentAction: 'UPDATED' }])).toEqual([[[4, 0]]]);
  });

  test('marks a comment that was taken back, by the entry that says so', () => {
    const comment = said(4, 'too much');
    const [happened] = timeline([comment, { ...comment, commentAction: 'DELETED' }]);
    expect(happened?.thread?.comments).toMatchObject([{ deleted: true }]);
  });

  test('knows which tasks are done', () => {
    expect(tasksIn(timeline(fullPullRequest.activities)).map(({ done, commentId }) => [commentId, done])).toEqual([
      [8, false],
      [9, true],
    ]);
  });

  test('bears answers nested as deep as JSON goes', () => {
    let comment: object = { id: 0 };
    for (let id = 1; id < 50_000; id += 1) comment = { id, comments: [comment] };
    expect(timeline([{ comment }])[0]?.thread?.comments.length).toBe(50_000);
  });
});
