import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commit, reset, tag } from './history.ts';
import { emptyRepository, fastImport, git } from './real-git.ts';

/** A bare repo as servers have them, and what happens to it later. */
export interface RepositoryFixture {
  readonly name: string;
  /** Makes the repo in `dir`, a folder that does not exist yet. */
  create(dir: string): Promise<void>;
  /** Its second state. */
  change?(dir: string): Promise<void>;
}

const main = 'refs/heads/main';
const files = (mark: number): Record<string, string> => ({
  'README.md': `line ${mark}\n`,
  // Few files, whatever the length of the history: a folder that grows with every commit makes its trees the most of a repo.
  [`src/file-${mark % 100}.txt`]: `content ${mark}\n`.repeat(40),
});
const blobOf = (dir: string, content: string): string => git(dir, ['hash-object', '-w', '--stdin'], content);

/** Commits on a branch, one after another: marks `from` to `to`. */
export function* line(ref: string, from: number, to: number, parent?: number | string): Generator<Buffer> {
  for (let mark = from; mark <= to; mark += 1) {
    const before = mark > from ? mark - 1 : parent;
    yield commit({ ref, mark, files: files(mark), parents: before === undefined ? [] : [before] });
  }
}

async function plain(dir: string, format?: string): Promise<void> {
  emptyRepository(dir, format);
  await fastImport(dir, [
    ...line(main, 1, 20),
    ...line('refs/heads/release/1.0', 21, 24, 10),
    tag('v1.0', 24),
    reset('refs/tags/light', 5),
  ]);
}

async function plainLater(dir: string): Promise<void> {
  await fastImport(dir, [...line(main, 1, 5, `${main}^0`), tag('v1.1', 5), reset('refs/heads/from-old', `${main}~8`)]);
}

/** Writes many refs at once, where one file each would take seconds. */
function packRefs(dir: string, refs: readonly (readonly [name: string, oid: string])[]): void {
  const lines = refs.map(([name, oid]) => `${oid} ${name}\n`).toSorted((a, b) => (a.slice(41) < b.slice(41) ? -1 : 1));
  writeFileSync(join(dir, 'packed-refs'), `# pack-refs with: sorted \n${lines.join('')}`);
}

function manyRefs(dir: string, from: number, to: number): void {
  const commits = git(dir, ['rev-list', '--all']).split('\n');
  const refs = git(dir, ['for-each-ref', '--format=%(refname) %(objectname)'])
    .split('\n')
    .map((text) => text.split(' ') as [string, string]);
  for (let id = from; id <= to; id += 1) refs.push([`refs/pull-requests/${id}/from`, commits[id % commits.length] ?? '']);
  packRefs(dir, refs);
}

/** History some old tools wrote: a tree whose folder has the mode `040000` with its leading zero. `git fsck --strict` refuses it. */
function zeroPadded(dir: string): string {
  const folder = git(dir, ['mktree'], `100644 blob ${blobOf(dir, 'old\n')}\told.txt\n`);
  const tree = Buffer.concat([Buffer.from('040000 dir\0'), Buffer.from(folder, 'hex')]);
  return git(dir, ['hash-object', '-t', 'tree', '--literally', '-w', '--stdin'], tree);
}

export const repositoryFixtures: readonly RepositoryFixture[] = [
  { name: 'plain', create: async (dir) => plain(dir), change: plainLater },
  { name: 'sha256', create: async (dir) => plain(dir, 'sha256'), change: plainLater },
  {
    name: 'empty',
    create: async (dir) => emptyRepository(dir),
    change: async (dir) => fastImport(dir, line(main, 1, 3)),
  },
  {
    name: 'unborn HEAD',
    async create(dir) {
      emptyRepository(dir);
      git(dir, ['symbolic-ref', 'HEAD', 'refs/heads/not-yet']);
      await fastImport(dir, line('refs/heads/develop', 1, 5));
    },
    change: async (dir) => fastImport(dir, line('refs/heads/not-yet', 1, 2, 'refs/heads/develop^0')),
  },
  {
    name: 'detached HEAD',
    async create(dir) {
      await plain(dir);
      git(dir, ['update-ref', '--no-deref', 'HEAD', git(dir, ['rev-parse', `${main}~3`])]);
    },
    change: async (dir) => void git(dir, ['update-ref', '--no-deref', 'HEAD', git(dir, ['rev-parse', `${main}~5`])]),
  },
  {
    name: 'tags only',
    async create(dir) {
      emptyRepository(dir);
      await fastImport(dir, [...line('refs/tags/v1', 1, 10), tag('v1-signed', 10)]);
    },
    change: async (dir) => fastImport(dir, [...line('refs/tags/v2', 11, 14, 'refs/tags/v1^0'), tag('v2-signed', 14)]),
  },
  {
    name: 'nested tags',
    async create(dir) {
      await plain(dir);
      git(dir, ['tag', '-a', '-m', 'outer', 'outer', 'v1.0']);
      git(dir, ['tag', '-a', '-m', 'outermost', 'outermost', 'outer']);
    },
    async change(dir) {
      git(dir, ['tag', '-f', '-a', '-m', 'moved', 'outer', `${main}~2`]);
      git(dir, ['tag', '-a', '-m', 'again', 'again', 'outermost']);
    },
  },
  {
    name: 'tags of blobs and trees',
    async create(dir) {
      await plain(dir);
      git(dir, ['update-ref', 'refs/tags/blob', blobOf(dir, 'a key\n')]);
      git(dir, ['tag', '-a', '-m', 'a key', 'blob-signed', blobOf(dir, 'another key\n')]);
      git(dir, ['update-ref', 'refs/tags/tree', git(dir, ['rev-parse', `${main}^{tree}`])]);
      git(dir, ['tag', '-a', '-m', 'a tree', 'tree-signed', git(dir, ['rev-parse', `${main}~4^{tree}`])]);
    },
    async change(dir) {
      git(dir, ['update-ref', 'refs/tags/blob', blobOf(dir, 'a new key\n')]);
      git(dir, ['tag', '-f', '-a', '-m', 'a new tree', 'tree-signed', git(dir, ['rev-parse', `${main}~1^{tree}`])]);
    },
  },
  {
    name: 'tags of blobs only',
    async create(dir) {
      emptyRepository(dir);
      git(dir, ['update-ref', 'refs/tags/blob', blobOf(dir, 'a key\n')]);
    },
    change: async (dir) => void git(dir, ['update-ref', 'refs/tags/second', blobOf(dir, 'a second key\n')]),
  },
  {
    name: '20,000 refs',
    async create(dir) {
      emptyRepository(dir);
      await fastImport(dir, line(main, 1, 200));
      manyRefs(dir, 1, 20_000);
    },
    async change(dir) {
      await fastImport(dir, line(main, 201, 210, `${main}^0`));
      manyRefs(dir, 20_001, 20_100);
    },
  },
  {
    name: 'refs that differ only in case',
    async create(dir) {
      emptyRepository(dir);
      await fastImport(dir, [
        ...line(main, 1, 6),
        reset('refs/heads/Feature', 2),
        reset('refs/heads/feature', 3),
        reset('refs/tags/V1', 4),
        reset('refs/tags/v1', 5),
      ]);
    },
    change: async (dir) =>
      fastImport(dir, [reset('refs/heads/FEATURE', `${main}~1`), ...line('refs/heads/feature', 1, 2, 'refs/heads/Feature^0')]),
  },
  {
    name: 'refs that turn from file to folder and back',
    async create(dir) {
      emptyRepository(dir);
      await fastImport(dir, [...line(main, 1, 6), reset('refs/heads/topic', 2), reset('refs/heads/team/one', 3)]);
    },
    async change(dir) {
      git(dir, ['update-ref', '-d', 'refs/heads/topic']);
      git(dir, ['update-ref', '-d', 'refs/heads/team/one']);
      await fastImport(dir, [...line('refs/heads/topic/one', 1, 2, `${main}^0`), reset('refs/heads/team', `${main}~2`)]);
    },
  },
  {
    name: 'force-push, deletion and a server that has forgotten the old tips',
    async create(dir) {
      emptyRepository(dir);
      await fastImport(dir, [...line(main, 1, 20), ...line('refs/heads/doomed', 21, 24, 20)]);
    },
    async change(dir) {
      git(dir, ['update-ref', '-d', 'refs/heads/doomed']);
      git(dir, ['update-ref', main, `${main}~6`]);
      await fastImport(dir, line(main, 1, 3, `${main}^0`));
      git(dir, ['gc', '--quiet', '--prune=now']);
    },
  },
  {
    name: 'octopus merge',
    async create(dir) {
      emptyRepository(dir);
      await fastImport(dir, [
        ...line(main, 1, 2),
        ...['a', 'b', 'c'].flatMap((name, index) => [...line(`refs/heads/${name}`, 10 + index, 10 + index, 2)]),
      ]);
    },
    change: async (dir) =>
      fastImport(dir, [
        commit({
          ref: main,
          mark: 1,
          parents: [`${main}^0`, 'refs/heads/a^0', 'refs/heads/b^0', 'refs/heads/c^0'],
          files: { merged: 'all\n' },
        }),
      ]),
  },
  {
    name: 'unicode and odd names',
    async create(dir) {
      emptyRepository(dir);
      const odd = { 'grüße/日本語.txt': 'x\n', 'a b\tc': 'y\n', 'CON.txt': 'z\n', '-rf': 'w\n', "quote'$(id)": 'v\n' };
      await fastImport(dir, [
        commit({ ref: main, mark: 1, message: 'grüße 🎉', files: odd }),
        ...[
          'refs/heads/-x',
          "refs/heads/it's$(id);&",
          `refs/heads/${'long'.repeat(50)}`,
          'refs/heads/latin-\u00e9',
          'refs/heads/%2e%2e',
        ].map((name) => reset(name, 1)),
        reset(Buffer.from('refs/heads/größe-日本-🎉').toString('latin1'), 1),
      ]);
    },
    change: async (dir) =>
      fastImport(dir, [reset(Buffer.from('refs/tags/ö').toString('latin1'), main), ...line('refs/heads/-x', 1, 2, 'refs/heads/-x^0')]),
  },
  {
    name: 'legacy objects that a strict git refuses',
    async create(dir) {
      emptyRepository(dir);
      git(dir, ['update-ref', main, git(dir, ['commit-tree', '-m', 'from an old tool', zeroPadded(dir)])]);
    },
    change: async (dir) => fastImport(dir, line(main, 1, 3, `${main}^0`)),
  },
  {
    name: 'thousands of commits',
    async create(dir) {
      emptyRepository(dir);
      await fastImport(dir, line(main, 1, 3000));
    },
    change: async (dir) => fastImport(dir, line(main, 3001, 3030, `${main}^0`)),
  },
];

/** A repo whose history is cut off on the server itself: it cannot be backed up whole, and must say so. Made beside `source`. */
export function shallowRepository(source: string, dir: string): void {
  mkdirSync(dir, { recursive: true });
  git(dir, ['clone', '--quiet', '--bare', '--depth=3', `file://${source}`, '.']);
}
