import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addCommits } from './history.ts';
import type { Activity, Comment, PullRequest, Repo, User } from './model.ts';
import { newPullRequest } from './pull-requests.ts';
import { git, resolveRef } from './repository.ts';
import type { Simulator } from './simulator.ts';

interface Many {
  readonly count: number;
  /** How many each has. */
  readonly comments: number;
  /** How many of the last are open; the others are merged or declined. 10 by default. */
  readonly open?: number;
  /** Author and reviewer; made when absent. */
  readonly users?: readonly [User, User];
}

const beginning = Date.parse('2020-01-01T00:00:00Z');
const minute = 60_000;
/** Far from the ids of anything that is written down. */
const firstId = 1_000_000_000;

/** Thousands of pull requests whose comments take no memory: they are the same each time somebody asks. New ones can be added to any. */
export async function manyPullRequests(
  { state }: Simulator,
  repo: Repo,
  { count, comments, open = 10, users }: Many,
): Promise<PullRequest[]> {
  const [author, reviewer] = users ?? [state.addUser({ name: `author-${repo.id}` }), state.addUser({ name: `reviewer-${repo.id}` })];
  const branches = Array.from({ length: open + 1 }, (_, index) => (index === 0 ? 'many/closed' : `many/open-${index}`));
  if ((await resolveRef(repo.folder, 'refs/heads/main')) === undefined) await addCommits(repo, [{ files: { 'README.md': '# Many\n' } }]);
  const tips = await addCommits(
    repo,
    branches.map((branch, index) => ({ branch, from: 'refs/heads/main', files: { [`many/${index}.txt`]: `${index}\n` } })),
  );
  const target = (await resolveRef(repo.folder, 'refs/heads/main')) ?? '';
  const firstNumber = repo.lastPullRequest.id + 1;
  const added = Array.from({ length: count }, (_, index) => {
    const topic = Math.max(0, index - (count - open) + 1);
    const id = firstNumber + index;
    const createdDate = beginning + index * 90 * minute;
    const pull: PullRequest = newPullRequest({
      id,
      title: `Change number ${id}`,
      description: index % 3 === 0 ? undefined : `What change ${id} is about.`,
      state: topic > 0 ? 'OPEN' : index % 4 === 0 ? 'DECLINED' : 'MERGED',
      createdDate,
      from: { repo, ref: `refs/heads/${branches[topic] ?? ''}`, commit: tips[topic] ?? '' },
      to: { ref: 'refs/heads/main', commit: target },
      author,
      reviewers: [reviewer],
      generated: { comments, activities: () => history({ id, createdDate, author, reviewer }, comments) },
    });
    pull.updatedDate = createdDate + comments * minute;
    return pull;
  });
  repo.pullRequests.push(...added);
  repo.lastPullRequest.id += count;
  await publish(repo, added);
  return added;
}

/** Their refs, straight into git's packed list: one process, not a lock for each of thousands. */
async function publish(repo: Repo, pulls: readonly PullRequest[]): Promise<void> {
  await git(repo.folder, ['pack-refs', '--all']);
  const file = join(repo.folder, 'packed-refs');
  const [head = '', ...lines] = readFileSync(file, 'utf8').split(/\n(?!\^)/);
  const refs = lines.filter((line) => line !== '').concat(pulls.map(({ id, from }) => `${from.commit} refs/pull-requests/${id}/from`));
  const name = (line: string) => line.slice(41).split('\n')[0] ?? '';
  const sorted = refs.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
  writeFileSync(file, `${[head, ...sorted].join('\n')}\n`);
}

interface Told {
  readonly id: number;
  readonly createdDate: number;
  readonly author: User;
  readonly reviewer: User;
}

/** Newest first: the comments, every third of them answered by the next, and the opening. */
function history({ id, createdDate, author, reviewer }: Told, count: number): Activity[] {
  const activities: Activity[] = [{ id: firstId + id * 1000, createdDate, user: author, action: 'OPENED' }];
  let parent: Comment | undefined;
  for (let index = 1; index <= count; index += 1) {
    const user = index % 2 === 0 ? author : reviewer;
    const at = createdDate + index * minute;
    const number = firstId + id * 1000 + index;
    const answered = index % 3 === 2 ? parent : undefined;
    const comment = commentOf({ id: number, at, user, text: `Remark ${index} on change ${id}.`, parent: answered });
    answered?.replies.push(comment);
    parent = comment;
    activities.push({
      id: number,
      createdDate: at,
      user,
      action: 'COMMENTED',
      commentAction: answered === undefined ? 'ADDED' : 'REPLIED',
      comment,
    });
  }
  return activities.toReversed();
}

function commentOf(told: { id: number; at: number; user: User; text: string; parent: Comment | undefined }): Comment {
  return {
    id: told.id,
    version: 0,
    text: told.text,
    author: told.user,
    createdDate: told.at,
    updatedDate: told.at,
    parent: told.parent,
    replies: [],
    anchor: undefined,
    severity: 'NORMAL',
    state: 'OPEN',
    resolved: undefined,
    threadResolved: undefined,
    reactions: new Map(),
  };
}
