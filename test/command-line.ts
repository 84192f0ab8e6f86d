import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The program as people start it. */
const program = fileURLToPath(new URL('../agent/bin/gitprotect-agent.js', import.meta.url));

export interface ProcessOptions {
  /** What is piped in; nothing and the end, when absent. */
  readonly input?: string;
  /** Beside PATH and GITPROTECT_HOME, all the process gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs before the program, like `['setpriv', '--reuid=65534']`. */
  readonly before?: readonly string[];
}

/** How a command ended. */
export interface Ended {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the program in a process of its own, with an environment from scratch. */
function startProgram(home: string, args: readonly string[], { env = {}, before = [] }: ProcessOptions = {}): ChildProcess {
  const [file = '', ...rest] = [...before, process.execPath, program, ...args];
  return spawn(file, rest, { env: { PATH: process.env['PATH'] ?? '', GITPROTECT_HOME: home, ...env }, stdio: 'pipe' });
}

/** A command on its way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts one command. */
export function startCommand(home: string, args: readonly string[], options: ProcessOptions = {}): Running {
  const child = startProgram(home, args, options);
  child.stdin?.on('error', () => undefined).end(options.input ?? '');
  const ended = Promise.all([collect(child.stdout), collect(child.stderr), once(child, 'close')]);
  return { child, ended: ended.then(([stdout, stderr]) => ({ exitCode: child.exitCode, stdout, stderr })) };
}

/** Runs one command to its end. */
export async function command(home: string, args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  return startCommand(home, args, options).ended;
}

const collect = (stream: NodeJS.ReadableStream | null): Promise<string> => (stream === null ? Promise.resolve('') : text(stream));

/** An agent in a process of its own. Dispose stops it. */
export interface AgentProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly port: number;
  /** What it has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Sends a signal and waits for the end. @returns the exit code, and the milliseconds it took */
  stop(signal?: NodeJS.Signals): Promise<{ exitCode: number | null; milliseconds: number }>;
}

/** Starts `gitprotect-agent start` on any free port and returns when it says that it listens. */
export async function startAgent(home: string, args: readonly string[] = [], options: ProcessOptions = {}): Promise<AgentProcess> {
  const child = startProgram(home, ['start', '--port', '0', ...args], options);
  child.stdin?.end();
  const said = { stdout: '', stderr: '' };
  const listening = Promise.withResolvers<number>();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    said.stdout += chunk;
    const port = /(?:127\.0\.0\.1:|"port": )(\d+)[\s\S]*\n/.exec(said.stdout)?.[1];
    if (port !== undefined) listening.resolve(Number(port));
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (said.stderr += chunk));
  child.once('close', (code) => listening.reject(new Error(`the agent ended with ${code}: ${said.stderr}`)));
  const port = await listening.promise;
  const stop: AgentProcess['stop'] = async (signal = 'SIGTERM') => {
    const from = performance.now();
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'close');
    }
    return { exitCode: child.exitCode, milliseconds: performance.now() - from };
  };
  return {
    child,
    port,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}
