import { AppError, asAppError, exitCode } from '@gitprotect/shared/errors';
import { readArguments, type Command, type Context } from './command.ts';
import { helpOf } from './help.ts';
import { nearest } from './nearest.ts';
import { bad, type Terminal } from './terminal.ts';

/** The command that `argv` begins with, longest name first, and the rest of the words. */
export function findCommand(commands: readonly Command[], argv: readonly string[]): { command: Command; rest: string[] } | undefined {
  for (const length of [2, 1]) {
    const name = argv.slice(0, length).join(' ');
    const command = commands.find((one) => one.name === name);
    if (command !== undefined) return { command, rest: argv.slice(length) };
  }
  return undefined;
}

/** Runs one command to its end. Errors are printed, never thrown. @returns the exit code */
export async function runCommand(command: Command, argv: readonly string[], context: Context): Promise<number> {
  try {
    const args = readArguments(command, argv);
    if (args.flag('help')) {
      context.terminal.note(helpOf(command));
      return 0;
    }
    return (await command.run(context, args)) ?? 0;
  } catch (error) {
    const { code, cause } = asAppError(error);
    if (code === 'internal') await context.onInternalError(cause ?? error);
    return printError(error, context.terminal);
  }
}

/** Says what went wrong and what to do next. @returns the exit code */
export function printError(error: unknown, terminal: Terminal): number {
  const { code, message, remedy } = asAppError(error);
  if (terminal.json) terminal.result({ error: { code, message, ...(remedy === undefined ? {} : { remedy }) } }, '');
  terminal.note(`${bad('error')} ${message} [${code}]${remedy === undefined ? '' : `\n  → ${remedy}`}`);
  return exitCode(code);
}

/** The error for words that begin no command, with the nearest ones. */
export function unknownCommand(commands: readonly { readonly name: string }[], argv: readonly string[]): AppError {
  const options = argv.findIndex((word) => word.startsWith('-'));
  const typed = argv.slice(0, options < 0 ? 2 : Math.min(2, options)).join(' ');
  const names = commands.map(({ name }) => name);
  const begun = names.filter((name) => name.startsWith(`${typed} `));
  if (begun.length > 0)
    return new AppError('bad-request', `“${typed}” is the beginning of a command`, { remedy: `go on with one of: ${begun.join(', ')}` });
  const near = nearest(typed, names);
  return new AppError('bad-request', `there is no command “${typed}”`, {
    remedy: `${near.length > 0 ? `did you mean: ${near.join(', ')}? ` : ''}See them all: gitprotect-agent --help`,
  });
}
