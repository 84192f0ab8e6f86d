import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@gitprotect/shared/errors';

/** What git needs to run: nothing of the agent's environment but this reaches it. */
export interface GitHost {
  /** PATH, and what the platform cannot do without (SystemRoot on Windows): from the agent's configuration. */
  readonly machine: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface GitOutput {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The exit code of a git that a signal has ended. */
export const killed = -1;

/** The environment of every git: no configuration but the repo's own, no prompts, English messages. */
export function gitEnvironment(machine: GitHost['machine'], dir: string): Record<string, string> {
  return {
    ...machine,
    // Git looks here for what the two lines below forbid; it must not find the user's either.
    HOME: dir,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    // An object stands for itself: `refs/replace/` of a repo that is backed up says what people want to see in its place.
    GIT_NO_REPLACE_OBJECTS: '1',
    // Named outright, a bare repo opens whatever `safe.bareRepository` says, and no parent folder is searched.
    GIT_DIR: resolve(dir),
  };
}

/**
 * Runs git with constant arguments in the bare repo `dir`. Beside simple-git because that one can neither stream into git nor hand out
 * bytes that are no UTF-8. An exit code is the caller's to judge, also `killed`; `git-missing` when there is no git.
 */
export async function runGit(dir: string, args: readonly string[], host: GitHost, input?: AsyncIterable<Uint8Array>): Promise<GitOutput> {
  const child = spawn('git', args, {
    env: gitEnvironment(host.machine, dir),
    signal: host.signal,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? killed));
  });
  const outputs = Promise.all([ended, buffer(child.stdout ?? Readable.from([])), text(child.stderr ?? Readable.from([]))]);
  const [outcome, fed] = await Promise.allSettled([
    outputs,
    input === undefined || child.stdin === null ? undefined : feed(input, child.stdin),
  ]);
  host.signal.throwIfAborted();
  if (outcome.status === 'rejected') throw notRun(outcome.reason, dir);
  if (fed.status === 'rejected') throw fed.reason;
  const [exitCode, stdout, stderr] = outcome.value;
  return { exitCode, stdout, stderr };
}

/** A git that stops reading says why by its exit code; only the input's own errors count. */
async function feed(input: AsyncIterable<Uint8Array>, stdin: NodeJS.WritableStream): Promise<void> {
  await pipeline(Readable.from(input, { objectMode: false }), stdin).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')) return;
    throw error;
  });
}

/** The error for a git that could not be started in `dir`. */
export function notRun(error: unknown, dir: string): AppError {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('ENOENT')) {
    return new AppError('git-missing', 'git was not found on this machine', {
      remedy: 'install git 2.30 or newer and make sure it is on the PATH',
      cause: error,
    });
  }
  return new AppError('git-failed', `git could not be started in ${dir}: ${text}`, { cause: error });
}

/**
 * Whether git itself, run to its end, said no. One that was killed, or could not be started for want of memory or processes, says nothing of the repo.
 */
export function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'git-failed' && Number(error.facts['exitCode'] ?? killed) > 0;
}

/** The error for a git that ended badly. `what` completes "git could not …". */
export function gitFailed(what: string, { exitCode, stderr }: GitOutput): AppError {
  return new AppError('git-failed', `git could not ${what}: ${stderr.trim() || `exit code ${exitCode}`}`, { facts: { exitCode } });
}
