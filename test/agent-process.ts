import { mkdirSync } from 'node:fs';
import { command, startAgent, startCommand, type AgentProcess, type Ended, type Running } from './command-line.ts';

/**
 * The real command line on a home of its own and with an empty HOME: nothing of this machine's configuration is near.
 * @param more variables beside `GITPROTECT_HOME`, such as `GITPROTECT_STORAGE`
 */
export function agentProcess(home: string, more: Readonly<Record<string, string>> = {}) {
  const emptyHome = `${home}.user`;
  mkdirSync(emptyHome, { recursive: true });
  const env = { HOME: emptyHome, GITPROTECT_VAULT: 'key-file', ...more };
  const run = (args: readonly string[], input = ''): Promise<Ended> => command(home, args, { env, input });
  return {
    start: (args: readonly string[]): Running => startCommand(home, args, { env }),
    /** Runs a command to its end. */
    run,
    /** Runs a command with `--json` and returns what it printed. */
    json: async (args: readonly string[], input?: string): Promise<unknown> => {
      const { exitCode, stdout, stderr } = await run([...args, '--json'], input);
      if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}: ${stderr}`);
      return JSON.parse(stdout);
    },
    /** Starts the agent itself on any free port, and resolves when it listens. */
    serve: (): Promise<AgentProcess> => startAgent(home, ['--json'], { env }),
  };
}
