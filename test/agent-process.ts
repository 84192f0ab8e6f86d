import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const bin = join(import.meta.dirname, '../agent/bin/gitprotect-agent.js');

/** How a command ended. */
export interface Ended {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command on its way. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** kill -9: no handler runs. */
  kill(): void;
  /** As Ctrl-C does. */
  stop(): void;
  /** What it has printed so far. */
  stdout(): string;
}

/**
 * The real command line as a process of its own, on a home of its own and with an empty HOME: nothing of this machine's configuration is near.
 * @param more variables beside `GITPROTECT_HOME`, such as `GITPROTECT_STORAGE`
 */
export function agentProcess(home: string, more: Readonly<Record<string, string>> = {}) {
  const emptyHome = `${home}.user`;
  mkdirSync(emptyHome, { recursive: true });
  const env = { PATH: process.env['PATH'], HOME: emptyHome, GITPROTECT_HOME: home, GITPROTECT_VAULT: 'key-file', ...more };

  const start = (args: readonly string[], input = ''): Running => {
    const child: ChildProcess = spawn(process.execPath, [bin, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    });
    return { ended, kill: () => void child.kill('SIGKILL'), stop: () => void child.kill('SIGINT'), stdout: () => stdout };
  };

  return {
    start,
    /** Runs a command to its end. */
    run: (args: readonly string[], input?: string): Promise<Ended> => start(args, input).ended,
    /** Runs a command with `--json` and returns what it printed. */
    json: async (args: readonly string[], input?: string): Promise<unknown> => {
      const { exitCode, stdout, stderr } = await start([...args, '--json'], input).ended;
      if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}: ${stderr}`);
      return JSON.parse(stdout);
    },
    /** Starts the agent itself on any free port, and resolves when it listens. */
    serve: async (): Promise<Running & { readonly port: number }> => {
      const running = start(['start', '--port', '0', '--json']);
      const early = running.ended.then(({ stderr }) => {
        throw new Error(`the agent did not start: ${stderr}`);
      });
      for (;;) {
        const port = /"port":\s*(\d+)/.exec(running.stdout())?.[1];
        if (port !== undefined) return { ...running, port: Number(port) };
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 20)), early]);
      }
    },
  };
}
