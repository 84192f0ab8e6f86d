import { addAttachment } from '../attachments.ts';
import { addComment, deleteComment, editComment, react } from '../comments.ts';
import { addCommits } from '../history.ts';
import { merge } from '../merging.ts';
import type { Anchor, PullRequest, Repo, User } from '../model.ts';
import { addPullRequest, close, note, refreshPullRequests } from '../pull-requests.ts';
import { review } from '../reviews.ts';
import type { Simulator } from '../simulator.ts';
import { personalFork } from './fork.ts';

export interface FilledPullRequests {
  readonly open: PullRequest;
  readonly merged: PullRequest;
  readonly declined: PullRequest;
  readonly fromFork: PullRequest;
  /** Its title looks like markup, and its texts are as long as texts get. */
  readonly hostile: PullRequest;
  readonly fork: Repo;
  /** Ids of the attachments that texts link to. */
  readonly attachments: readonly string[];
}

/** The longest text Bitbucket takes. */
const longest = 32_768;

/**
 * Pull requests with all that can be on them: open, merged, declined and from a fork; threads, tasks, verdicts, reactions, attachments, and
 * titles that hurt. `repo` has to have a `main`; the first two users become author and reviewer, the third takes part when there is one.
 */
export async function fillPullRequests(
  simulator: Simulator,
  { repo, users }: { repo: Repo; users: readonly User[] },
): Promise<FilledPullRequests> {
  const [author, reviewer = author, third = reviewer] = users;
  if (author === undefined || reviewer === undefined || third === undefined) throw new TypeError('pull requests need users');
  const people: People = { author, reviewer, third };
  await branches(repo);
  const { open, attachments } = await openOne(simulator, repo, people);
  const merged = await mergedOne(simulator, repo, people);
  const declined = await declinedOne(simulator, repo, people);
  const fork = await personalFork(simulator, repo, author);
  const at = simulator.clock.now();
  const fromFork = await addPullRequest(repo, {
    from: 'everything/outside',
    fromRepo: fork,
    to: 'main',
    title: 'From outside: ünïcødé ✓ 日本語 🚀',
    description: 'A description\r\nwith the line ends of another system',
    author,
    createdDate: at,
  });
  const hostile = await hostileOne(simulator, repo, people);
  return { open, merged, declined, fromFork, hostile, fork, attachments };
}

interface People {
  readonly author: User;
  readonly reviewer: User;
  readonly third: User;
}

const topics = ['open', 'merged', 'declined', 'hostile'] as const;

async function branches(repo: Repo): Promise<void> {
  await addCommits(
    repo,
    topics.map((topic, index) => ({
      branch: `everything/${topic}`,
      from: 'refs/heads/main',
      files: { [`everything/${topic}.ts`]: Array.from({ length: 20 }, (_, line) => `export const line${line} = ${index};\n`).join('') },
      time: 1_760_000_000 + index * 600,
    })),
  );
}

const onLine = ({ from, to }: PullRequest, path: string, line: number): Anchor => ({
  fromHash: to.commit,
  toHash: from.commit,
  line,
  lineType: 'ADDED',
  fileType: 'TO',
  path,
  diffType: 'EFFECTIVE',
});

async function openOne(
  { state, clock }: Simulator,
  repo: Repo,
  { author, reviewer, third }: People,
): Promise<{ open: PullRequest; attachments: string[] }> {
  const picture = addAttachment(repo, {
    name: 'screen ✓.png',
    contentType: 'image/png',
    content: Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 255]),
    metadata: '{"width":1,"height":1}',
  });
  const log = addAttachment(repo, { id: 'a1b2c3d4e5', name: 'build.log', contentType: 'text/plain', content: Buffer.from('ok\n') });
  const open = await addPullRequest(repo, {
    from: 'everything/open',
    to: 'main',
    title: 'Everything a pull request can have',
    description: `What it looks like: ${picture.link}`,
    author,
    reviewers: [reviewer],
    createdDate: clock.now(),
  });
  const place = { repo, pull: open };
  const as = (user: User) => ({ user, at: clock.now() });
  const thread = addComment(place, as(reviewer), { text: `Why so? See ${log.link}` });
  const reply = addComment(place, as(author), { text: 'Because.', parent: thread });
  addComment(place, as(third), { text: 'I see. @author 👍', parent: reply });
  editComment(place, as(reviewer), thread, { text: `Why is it so? See ${log.link}` });
  deleteComment(place, as(third), addComment(place, as(third), { text: 'Said too much' }));
  deleteComment(place, as(third), addComment(place, as(third), { text: 'An answer taken back', parent: thread }));
  const inline = addComment(place, as(reviewer), { text: 'Name it better', anchor: onLine(open, 'everything/open.ts', 3) });
  addComment(place, as(author), { text: 'How?', parent: inline });
  const { fromHash, toHash } = onLine(open, '', 0);
  addComment(place, as(third), {
    text: 'The whole file',
    anchor: { fromHash: fromHash ?? '', toHash: toHash ?? '', path: 'everything/open.ts', diffType: 'EFFECTIVE' },
  });
  addComment(place, as(reviewer), { text: 'Write a test', severity: 'BLOCKER' });
  const done = addComment(place, as(reviewer), { text: 'Rebase', severity: 'BLOCKER', parent: thread });
  editComment(place, as(author), done, { state: 'RESOLVED' });
  editComment(place, as(reviewer), inline, { threadResolved: true });
  react(thread, author, 'thumbsup');
  react(thread, third, 'thumbsup');
  react(reply, reviewer, 'heart');
  review(repo, open, as(reviewer), 'NEEDS_WORK');
  if (third !== author && third !== reviewer) review(repo, open, as(third), 'APPROVED');
  await addCommits(repo, [{ branch: 'everything/open', files: { 'everything/more.ts': 'export const more = 1;\n' }, time: 1_760_100_000 }]);
  await refreshPullRequests(state.repos, repo, as(author));
  return { open, attachments: [picture.attachment.id, log.attachment.id] };
}

async function mergedOne({ clock }: Simulator, repo: Repo, { author, reviewer }: People): Promise<PullRequest> {
  const createdDate = clock.now();
  const merged = await addPullRequest(repo, {
    from: 'everything/merged',
    to: 'main',
    title: 'Merged long ago',
    author,
    reviewers: [reviewer],
    createdDate,
  });
  addComment({ repo, pull: merged }, { user: reviewer, at: clock.now() }, { text: '**Good.** `code` and <b>markup</b>' });
  if (reviewer !== author) review(repo, merged, { user: reviewer, at: clock.now() }, 'APPROVED');
  await merge(repo, merged, { user: reviewer, at: clock.now() });
  return merged;
}

async function declinedOne({ clock }: Simulator, repo: Repo, { author, reviewer }: People): Promise<PullRequest> {
  const createdDate = clock.now();
  const declined = await addPullRequest(repo, { from: 'everything/declined', to: 'main', title: 'Rather not', author, createdDate });
  const doing = { user: reviewer, at: clock.now() };
  addComment({ repo, pull: declined }, doing, { text: 'Not like this' });
  declined.version += 1;
  close(declined, 'DECLINED', doing.at);
  note(repo, declined, doing, { action: 'DECLINED' });
  return declined;
}

async function hostileOne({ clock }: Simulator, repo: Repo, { author, reviewer }: People): Promise<PullRequest> {
  const hostile = await addPullRequest(repo, {
    from: 'everything/hostile',
    to: 'main',
    title: '<script>alert("title")</script> & </title> \u202Eesrever',
    description: 'x'.repeat(longest),
    author,
    reviewers: [reviewer],
    createdDate: clock.now(),
  });
  const place = { repo, pull: hostile };
  const doing = { user: reviewer, at: clock.now() };
  addComment(place, doing, { text: '<img src=x onerror="alert(1)"> ]]> ${`x`} \u0000 \u2028 </script>'.replace('\u0000', '') });
  addComment(place, doing, { text: '[a link](javascript:alert(1)) and https://example.com/?a=1&b="2"' });
  addComment(place, doing, { text: '长'.repeat(longest) });
  return hostile;
}
