// For tests: a pull request that has everything, as a server would send it.
const from = 'a'.repeat(40);
const to = 'b'.repeat(40);
const merge = 'c'.repeat(40);
export const start = Date.parse('2026-02-10T09:00:00Z');
export const minutes = (count: number): number => start + count * 60_000;

const person = (name: string, displayName: string) => ({
  name,
  slug: name,
  displayName,
  id: name.length,
  type: 'NORMAL',
  active: true,
});
export const ada = person('ada', 'Ada Byron');
export const ben = person('ben', 'Ben Okafor');
export const chloe = person('chloe', 'Chloé Martin');

export const comment = (id: number, author: object, text: string, more: object = {}) => ({
  id,
  version: 0,
  text,
  author,
  createdDate: minutes(id),
  updatedDate: minutes(id),
  severity: 'NORMAL',
  state: 'OPEN',
  comments: [],
  properties: { repositoryId: 7 },
  ...more,
});

const description = `Lets the press **stop** when the bag is full.

1. The sensor is read *before* each stroke
2. \`Press.stop()\` waits for the plate

| load | before | after |
|:-----|-------:|------:|
| full | 41 kg  | 12 kg |

\`\`\`java
if (bag.isFull()) press.stop();
\`\`\`

> Safety first. — the manual, https://example.com/manual

![the plate](attachment:7/31) and the [measurements](attachment:7/32), but not [this one](attachment:7/99).`;

const inline = {
  id: 503,
  action: 'COMMENTED',
  commentAction: 'ADDED',
  createdDate: minutes(3),
  user: ben,
  comment: comment(3, ben, 'What if the bag is **torn**? Then `isFull` never comes.', {
    threadResolved: true,
    threadResolver: ada,
    updatedDate: minutes(4),
    comments: [
      comment(5, ada, 'Good catch: there is a time limit now.', {
        comments: [comment(6, ben, 'Perfect.', { comments: [comment(7, ada, '🍏')] })],
      }),
    ],
    properties: {
      reactions: [{ emoticon: { shortcut: 'thumbsup', value: '👍' }, users: [ada, chloe] }],
    },
  }),
  commentAnchor: {
    fromHash: to,
    toHash: from,
    line: 12,
    lineType: 'ADDED',
    fileType: 'TO',
    path: 'src/main/java/press/Press.java',
    diffType: 'EFFECTIVE',
    orphaned: false,
  },
  diff: {
    hunks: [
      {
        sourceLine: 9,
        sourceSpan: 4,
        destinationLine: 9,
        destinationSpan: 6,
        segments: [
          {
            type: 'CONTEXT',
            lines: [
              { source: 9, destination: 9, line: '  void stroke() {' },
              { source: 10, destination: 10, line: '    plate.lower();' },
            ],
          },
          { type: 'REMOVED', lines: [{ source: 11, destination: 11, line: '    bag.fill(juice);' }] },
          {
            type: 'ADDED',
            lines: [
              { source: 11, destination: 11, line: '    sensor.read();' },
              { source: 11, destination: 12, line: '    if (bag.isFull()) stop(); // 1 < 2 && "quoted"' },
            ],
          },
          { type: 'CONTEXT', lines: [{ source: 12, destination: 13, line: '  }' }] },
        ],
      },
    ],
  },
};

export const fullPullRequest = {
  pullRequest: {
    id: 12,
    version: 4,
    title: 'Stop the press when the bag is full',
    description,
    state: 'MERGED',
    open: false,
    closed: true,
    createdDate: start,
    updatedDate: minutes(400),
    closedDate: minutes(400),
    fromRef: {
      id: 'refs/heads/feature/full-bag',
      displayId: 'feature/full-bag',
      latestCommit: from,
      repository: { slug: 'press', project: { key: 'ORCH' } },
    },
    toRef: { id: 'refs/heads/main', displayId: 'main', latestCommit: to, repository: { slug: 'press', project: { key: 'ORCH' } } },
    author: { user: ada, role: 'AUTHOR', approved: false, status: 'UNAPPROVED' },
    reviewers: [
      { user: ben, role: 'REVIEWER', approved: true, status: 'APPROVED', lastReviewedCommit: from },
      { user: chloe, role: 'REVIEWER', approved: false, status: 'NEEDS_WORK' },
      { user: person('dora', 'Dora Lindqvist'), role: 'REVIEWER', status: 'UNAPPROVED' },
    ],
    participants: [],
    properties: { mergeCommit: { id: merge, displayId: merge.slice(0, 11) } },
    links: { self: [{ href: 'https://bitbucket.example.com/projects/ORCH/repos/press/pull-requests/12' }] },
  },
  activities: [
    {
      id: 511,
      action: 'MERGED',
      createdDate: minutes(400),
      user: ada,
      commit: { id: merge, displayId: merge.slice(0, 11), message: 'Merge pull request #12' },
    },
    { id: 510, action: 'APPROVED', createdDate: minutes(300), user: ben },
    {
      id: 509,
      action: 'RESCOPED',
      createdDate: minutes(200),
      user: ada,
      fromHash: from,
      previousFromHash: to,
      toHash: to,
      previousToHash: to,
      added: {
        commits: [
          { id: from, displayId: from.slice(0, 11), message: 'Give up after ten strokes\n\nA torn bag never fills.', author: ada },
          { id: '1'.repeat(40), displayId: '1'.repeat(11), message: 'Name the limit', author: ada },
        ],
        total: 4,
      },
      removed: { commits: [], total: 0 },
    },
    {
      id: 508,
      action: 'UPDATED',
      createdDate: minutes(150),
      user: ada,
      addedReviewers: [person('dora', 'Dora Lindqvist')],
      removedReviewers: [],
    },
    { id: 507, action: 'REVIEWED', createdDate: minutes(120), user: chloe },
    {
      id: 506,
      action: 'COMMENTED',
      commentAction: 'ADDED',
      createdDate: minutes(9),
      user: chloe,
      comment: comment(9, chloe, 'Please write the limit into the manual.', {
        severity: 'BLOCKER',
        state: 'RESOLVED',
        resolver: ada,
        resolvedDate: minutes(210),
      }),
    },
    {
      id: 505,
      action: 'COMMENTED',
      commentAction: 'ADDED',
      createdDate: minutes(8),
      user: chloe,
      comment: comment(8, chloe, 'Measure it again with wet apples.', { severity: 'BLOCKER', state: 'OPEN' }),
    },
    {
      id: 504,
      action: 'COMMENTED',
      commentAction: 'REPLIED',
      createdDate: minutes(5),
      user: ada,
      comment: comment(5, ada, 'Good catch: there is a time limit now.'),
    },
    inline,
    { id: 501, action: 'OPENED', createdDate: start, user: ada },
  ],
};
