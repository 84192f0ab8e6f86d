import type { Call, EventBody, EventName } from '@gitprotect/shared/protocol';
import { AppError } from '@gitprotect/shared/errors';
import type { Finding } from '@gitprotect/shared/finding';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Terminal } from './terminal.ts';

/** The agent, reached through its channel or, when none is running, built in this process. */
export interface Session extends AsyncDisposable {
  readonly call: Call;
  readonly mode: 'agent' | 'in-process';
  /** Settles when the agent has gone away; never in process. */
  readonly closed: Promise<unknown>;
  /** @returns stops listening */
  on<E extends EventName>(event: E, listener: (body: EventBody<E>) => void): () => void;
}

/** This agent as another program starts it. Paths are absolute. */
export interface Program {
  readonly node: string;
  /** The file that Node runs. */
  readonly bin: string;
  /** Its folder, GITPROTECT_HOME. */
  readonly home: string;
  /** Where git and other programs are found. */
  readonly path: string;
  /** Where this user's services are described: `~/.config`, `~/Library`, or the agent's own folder on Windows. */
  readonly settingsFolder: string;
  readonly platform: NodeJS.Platform;
}

/** What a command works with. */
export interface Context {
  readonly terminal: Terminal;
  /** Opens the session at first use. With `agent`, an agent that is not running is an error. */
  readonly session: (need?: 'agent') => Promise<Session>;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What can be looked at where no session opens, `error` being why. */
  readonly examineClosed: (error: AppError) => Promise<Finding[]>;
  /** What a service of the system needs to know to start this very agent. */
  readonly program: Program;
  /** Keeps what an internal error was, where people look for it. */
  readonly onInternalError: (error: unknown) => Promise<void>;
}

type Options = NonNullable<ParseArgsConfig['options']>;
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** One command. `run` returns the exit code, 0 when it returns nothing. */
export interface Command {
  /** Its words: `plan add`. */
  readonly name: string;
  /** What follows the words in the usage line. */
  readonly usage: string;
  readonly summary: string;
  readonly options?: Options;
  /** Fewest and most positional arguments. */
  readonly takes: readonly [number, number];
  run(context: Context, args: Arguments): Promise<number | void>;
}

/** The parsed words and options of one call. */
export class Arguments {
  readonly positionals: readonly string[];
  readonly #values: Values;

  constructor(positionals: readonly string[], values: Values) {
    this.positionals = positionals;
    this.#values = values;
  }

  /** The positional argument at `index`; the parser has made sure of those a command needs. */
  word(index: number): string {
    return this.positionals[index] ?? '';
  }

  text(option: string): string | undefined {
    const value = this.#values[option];
    return typeof value === 'string' ? value : undefined;
  }

  texts(option: string): string[] {
    const value = this.#values[option];
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  }

  flag(option: string): boolean {
    return this.#values[option] === true;
  }

  /** A whole number that is not negative. */
  count(option: string): number | undefined {
    const value = this.text(option);
    if (value === undefined) return undefined;
    if (!/^\d{1,6}$/.test(value))
      throw new AppError('bad-request', `--${option} takes a whole number, not “${value}”`, { remedy: `write it like --${option} 7` });
    return Number(value);
  }
}

/** Options every command takes. */
export const commonOptions = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options;

/** Reads what follows a command's words. @throws AppError `bad-request` that names the option and shows the usage */
export function readArguments(command: Command, argv: readonly string[]): Arguments {
  const usage = `usage: gitprotect-agent ${command.name} ${command.usage}`.trimEnd();
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...command.options, ...commonOptions },
      allowPositionals: true,
      strict: true,
    });
    const [fewest, most] = command.takes;
    if (values.help === true || (positionals.length >= fewest && positionals.length <= most)) return new Arguments(positionals, values);
    throw new AppError(
      'bad-request',
      positionals.length < fewest ? `“${command.name}” needs more words` : `“${positionals[most] ?? ''}” is one word too many`,
      { remedy: usage },
    );
  } catch (error) {
    throw error instanceof AppError ? error : notUnderstood(error, usage);
  }
}

/** What Node's parser objects to, in our words: its own run over several lines and advise what we do not offer. */
export function notUnderstood(error: unknown, usage: string): AppError {
  const message = error instanceof Error ? error.message : '';
  const code = error instanceof Error && 'code' in error ? error.code : '';
  const option = /--?[A-Za-z][\w-]*/.exec(message)?.[0] ?? '';
  const words = (): string => {
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `there is no option ${option} here`;
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return `“${/'(.*?)'/s.exec(message)?.[1] ?? ''}” is one word too many`;
    return /does not take/.test(message) ? `the option ${option} takes no value` : `the option ${option} needs a value`;
  };
  return new AppError('bad-request', words(), { remedy: usage, cause: error });
}
