import { tmpdir } from 'node:os';
import { gitEnvironment, gitFailed, killed, notRun, runGit, type GitHost, type GitOutput } from './run-git.ts';

/**
 * One git command of few words through simple-git: constant arguments and an environment from scratch. One of its guards is opened because it mistakes
 * the safe setting for the attack: `GIT_CONFIG_GLOBAL=/dev/null` (no user configuration). It loads when it is first used.
 */
async function git(dir: string, args: readonly string[], host: GitHost): Promise<GitOutput> {
  const { simpleGit } = await import('simple-git');
  const environment = gitEnvironment(host.machine, dir);
  let ended: GitOutput | undefined;
  let stdout: string;
  try {
    const runner = simpleGit({
      baseDir: dir,
      abort: host.signal,
      allowEnvironment: Object.keys(environment),
      unsafe: { allowUnsafeConfigPaths: true },
      errors: (error, { exitCode, stdOut, stdErr }) => {
        ended = { exitCode, stdout: Buffer.concat(stdOut), stderr: Buffer.concat(stdErr).toString('utf8') };
        // Exit codes are judged by our callers, who see the output too; what never ran is an error here.
        return exitCode < 0 || exitCode === null ? error : undefined;
      },
    });
    stdout = await runner.env(environment).raw([...args]);
  } catch (error) {
    host.signal.throwIfAborted();
    throw notRun(error, dir);
  }
  return ended ?? { exitCode: 0, stdout: Buffer.from(stdout), stderr: '' };
}

/** The version of the machine's git, `2.39.5`. Throws `git-missing`. */
export async function gitVersion(host: GitHost): Promise<string> {
  const { stdout } = await git(tmpdir(), ['--version'], host);
  return stdout
    .toString('utf8')
    .trim()
    .replace(/^git version /, '');
}

/** Bytes that the objects which the refs reach take in a repo's packs; `null` where this git does not say. */
export async function reachedBytes(dir: string, host: GitHost): Promise<number | null> {
  const { exitCode, stdout } = await git(dir, ['rev-list', '--objects', '--all', '--disk-usage'], host);
  const bytes = Number(stdout.toString('utf8').trim());
  return exitCode === 0 && Number.isSafeInteger(bytes) ? bytes : null;
}

/** What `git fsck` found. */
export interface FsckReport {
  /** Everything the refs reach is there. Objects merely written in an old-fashioned way, and a branch that names a file, do not count against it. */
  readonly whole: boolean;
  /** Objects that are missing: `blob`, `tree`, `commit` or `tag`, or `unknown` where only a ref names it. */
  readonly lost: readonly { readonly type: string; readonly oid: string }[];
  /** Git's own lines, for the log. */
  readonly complaints: readonly string[];
}

const missingObject = /^missing (\w+) ([0-9a-f]{40,64})$/;
const brokenRef = /^error: \S+: invalid sha1 pointer()? ([0-9a-f]{40,64})$/;
const linkFrom = /^broken link from +\w+ [0-9a-f]{40,64}$/;
const linkTo = /^ +to +\w+ ([0-9a-f]{40,64})$/;

/** Bits of git fsck's exit code: an object that is badly formed, as legacy history has them; one that is not there; a ref that names what it should not. */
const badlyFormed = 1;
const notThere = 2;
const oddRef = 8;

/**
 * Checks that everything reachable from the refs is there. `full` also reads every object and its form; after `indexPack`, which has hashed every
 * object, the walk alone proves as much and takes a tenth of the time. `expected`: objects known to be lost, of which nothing is said.
 * @throws AppError `git-missing`, `git-failed` where git could not run to its end
 */
export async function fsck(
  dir: string,
  host: GitHost,
  { full = false, expected = new Set() }: { readonly full?: boolean; readonly expected?: ReadonlySet<string> } = {},
): Promise<FsckReport> {
  const args = ['fsck', ...(full ? ['--full'] : ['--connectivity-only']), '--no-dangling', '--no-progress'];
  const output = await runGit(dir, args, host);
  const { exitCode, stdout, stderr } = output;
  if (exitCode === killed) throw gitFailed(`check ${dir}`, output);
  const said = `${stdout.toString('utf8')}\n${stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith('notice: '));
  const complaints = withoutExpected(said, expected);
  const lost = new Map<string, { type: string; oid: string }>();
  for (const line of complaints) {
    const [, type = 'unknown', oid] = missingObject.exec(line) ?? brokenRef.exec(line) ?? [];
    if (oid !== undefined && !lost.has(oid)) lost.set(oid, { type, oid });
  }
  // Whatever else it says is missing has a line that is still there.
  const tolerated = badlyFormed | oddRef | (complaints.length < said.length ? notThere : 0);
  const broken = complaints.some((line) => linkFrom.test(line));
  return { whole: (exitCode & ~tolerated) === 0 && lost.size === 0 && !broken, lost: [...lost.values()], complaints };
}

/** Without the lines about these objects; a broken link takes two. */
function withoutExpected(lines: readonly string[], expected: ReadonlySet<string>): string[] {
  const isExpected = (line: string | undefined, pattern: RegExp): boolean => expected.has(pattern.exec(line ?? '')?.at(-1) ?? '');
  return lines.filter((line, index) => {
    if (linkFrom.test(line)) return !isExpected(lines[index + 1], linkTo);
    return !isExpected(line, linkTo) && !isExpected(line, missingObject);
  });
}
