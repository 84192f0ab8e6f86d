import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gitEnvironment, gitFailed, killed, notRun, type GitHost } from './run-git.ts';

/** As `runGit`, with its output as it comes. Throws `git-failed` after the last of it when git ended badly. */
export async function* streamGit(
  dir: string,
  args: readonly string[],
  host: GitHost,
  input?: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void> {
  const child = spawn('git', args, {
    env: gitEnvironment(host.machine, dir),
    signal: host.signal,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? killed));
  });
  const stderr = text(child.stderr);
  // A git that stops reading says why by its exit code.
  child.stdin.on('error', () => undefined);
  const source = Readable.from(input ?? [], { objectMode: false });
  source.on('error', (error) => child.stdout.destroy(error)).pipe(child.stdin);
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const exitCode = await ended;
    if (exitCode !== 0) throw gitFailed(`run ${args[0] ?? ''} in ${dir}`, { exitCode, stdout: Buffer.alloc(0), stderr: await stderr });
  } catch (error) {
    host.signal.throwIfAborted();
    throw error instanceof Error && 'syscall' in error ? notRun(error, dir) : error;
  } finally {
    // What feeds it may be a git as well, which waits for its reader.
    source.destroy();
    child.kill();
    await ended.catch(() => undefined);
  }
}

/** The lines of a git's output, one byte a character: a path need not be UTF-8. */
export async function* gitLines(
  dir: string,
  args: readonly string[],
  host: GitHost,
  input?: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void> {
  let rest = '';
  for await (const chunk of streamGit(dir, args, host, input)) {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
