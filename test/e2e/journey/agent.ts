import { connectToAgent } from '@gitprotect/agent/cli/connect';
import type { Call } from '@gitprotect/shared/protocol';
import * as v from 'valibot';
import { type Ended, command, startAgent } from '../../command-line.ts';
import { tempFolder } from '../browser/temp-folder.ts';

/** The real agent in a process of its own, on a home of its own. Dispose stops it and removes the home. */
export interface RunningAgent extends AsyncDisposable {
  readonly home: string;
  /** Stays the same when it is started again. */
  readonly port: number;
  /** Runs one command of `gitprotect-agent` as a person does, in a process of its own. */
  cli(args: readonly string[], options?: { readonly input?: string }): Promise<Ended>;
  /** Runs a command with `--json` and checks what it answers. Throws its words when it fails. */
  ask<S extends v.GenericSchema>(schema: S, args: readonly string[], options?: { readonly input?: string }): Promise<v.InferOutput<S>>;
  /** Makes one call as the command line does, without a process for it. */
  readonly call: Call;
  stop(): Promise<void>;
  /** Starts it again, on the same home and port. */
  start(): Promise<void>;
  /** All it has printed since it was first started. */
  printed(): string;
}

/** Starts the agent on any free port. Its secrets rest in a key file unless `settings` say otherwise: the machine's keychain is left alone. */
export async function runAgent(settings: Readonly<Record<string, string>> = { GITPROTECT_VAULT: 'key-file' }): Promise<RunningAgent> {
  await using started = new AsyncDisposableStack();
  const home = started.use(await tempFolder('agent')).path;
  const env = { HOME: home, ...settings };
  let current = await startAgent(home, [], { env });
  let before = '';
  const { port } = current;
  started.defer(() => current[Symbol.asyncDispose]());
  const cli: RunningAgent['cli'] = (args, options = {}) => command(home, args, { ...options, env });
  const running = started.move();
  return {
    home,
    port,
    cli,
    ask: async (schema, args, options) => {
      const { exitCode, stdout, stderr } = await cli([...args, '--json'], options);
      if (exitCode !== 0) throw new Error(`gitprotect-agent ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
      return v.parse(schema, JSON.parse(stdout));
    },
    call: async (method, params) => {
      await using connection = await connectToAgent({ home });
      return await connection.call(method, params);
    },
    stop: async () => {
      await current.stop();
    },
    start: async () => {
      before += current.stdout() + current.stderr();
      current = await startAgent(home, ['--port', String(port)], { env });
    },
    printed: () => before + current.stdout() + current.stderr(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
