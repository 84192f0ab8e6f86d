import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Repo } from './model.ts';
import { git, resolveRef } from './repository.ts';

export interface NewCommit {
  /** Branch to move, `main` by default; made when absent. */
  readonly branch?: string;
  readonly message?: string;
  /** Path to content; `null` deletes. Binary content as Buffer. */
  readonly files: Readonly<Record<string, string | Buffer | null>>;
  /** Name of the author and committer. */
  readonly author?: string;
  /** Seconds since 1970; a fixed beginning plus a minute a commit by default. */
  readonly time?: number;
  /** Starts a new history instead of following the branch's tip: a force-push. */
  readonly orphan?: boolean;
  /** Starts the branch here (a ref or an oid) when it does not exist yet. */
  readonly from?: string;
}

const beginning = 1_700_000_000;

/** Writes commits straight into a repository, in order. Returns the oid of each. */
export async function addCommits(repo: Pick<Repo, 'folder'>, commits: readonly NewCommit[]): Promise<string[]> {
  const tips = new Map<string, number>();
  const parts: Buffer[] = [];
  for (const [index, commit] of commits.entries()) {
    const branch = `refs/heads/${commit.branch ?? 'main'}`;
    const parent = tips.get(branch);
    const existing = parent === undefined ? await resolveRef(repo.folder, branch) : undefined;
    const from = parent === undefined ? (existing ?? commit.from) : `:${parent}`;
    if (commit.orphan === true) parts.push(Buffer.from(`reset ${branch}\n`));
    parts.push(commitStream(commit, { branch, mark: index + 1, from: commit.orphan === true ? undefined : from }));
    tips.set(branch, index + 1);
  }
  const marks = await fastImport(repo.folder, Buffer.concat(parts), commits.length);
  return marks;
}

/** Puts an annotated tag, or a lightweight one without `message`, on `target`. */
export async function addTag(repo: Pick<Repo, 'folder'>, name: string, target: string, message?: string): Promise<void> {
  const who = ['-c', 'user.name=Tagger', '-c', 'user.email=tagger@example.com'];
  await git(repo.folder, message === undefined ? ['tag', name, target] : [...who, 'tag', '-a', '-m', message, name, target]);
}

function commitStream(commit: NewCommit, place: { branch: string; mark: number; from: string | undefined }): Buffer {
  const { message = `Change ${Object.keys(commit.files).join(', ')}`, author = 'Alice Example' } = commit;
  const time = commit.time ?? beginning + place.mark * 60;
  const email = `${author.toLowerCase().replaceAll(' ', '.')}@example.com`;
  const who = `${author} <${email}> ${time} +0000`;
  const head = `commit ${place.branch}\nmark :${place.mark}\nauthor ${who}\ncommitter ${who}\n`;
  const parts = [Buffer.from(head), blob(Buffer.from(message))];
  if (place.from !== undefined) parts.push(Buffer.from(`from ${place.from}\n`));
  for (const [path, content] of Object.entries(commit.files)) {
    if (content === null) parts.push(Buffer.from(`D ${path}\n`));
    else parts.push(Buffer.from(`M 100644 inline ${path}\n`), blob(Buffer.from(content as string)));
  }
  return Buffer.concat([...parts, Buffer.from('\n')]);
}

const blob = (content: Buffer): Buffer => Buffer.concat([Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n')]);

async function fastImport(folder: string, stream: Buffer, count: number): Promise<string[]> {
  const child = spawn('git', ['fast-import', '--quiet', '--force', '--done', '--cat-blob-fd=1'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_DIR: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [output, complaint] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  const marks = Array.from({ length: count }, (_, index) => `get-mark :${index + 1}\n`).join('');
  child.stdin.end(Buffer.concat([stream, Buffer.from(`${marks}done\n`)]));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`git fast-import failed: ${complaint}`);
  return output.trim().split('\n');
}
