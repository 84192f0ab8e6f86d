import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { AppError } from '@gitprotect/shared/errors';
import packageJson from '../package.json' with { type: 'json' };
import type { Context, Session } from './cli/command.ts';
import { commands } from './cli/commands/index.ts';
import { helpOf, helpOfWord, helpPage } from './cli/help.ts';
import { findCommand, printError, runCommand, unknownCommand } from './cli/run-command.ts';
import { readStartOptions, sayReady, startUsage } from './cli/start.ts';
import { terminal } from './cli/terminal.ts';
import { loadConfig, readEnvironment, type Config } from './config.ts';
import { ensureHome } from './home.ts';
import { systemClock } from './lib/clock.ts';
import type { OpenLog } from './lib/log.ts';
import { redact } from './lib/redact.ts';

/** From the command line to an exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const screen = terminal(argv.includes('--json'));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stop.abort(new AppError('cancelled', `stopped by ${signal}`)));
  }
  try {
    const [word] = argv;
    if (word === undefined || word === 'help' || word === '--help' || word === '-h') {
      screen.result(
        { commands: commands.map(({ name, usage, summary }) => ({ name, usage, summary })) },
        helpPage([startUsage, ...commands]),
      );
      return 0;
    }
    if (word === '--version') {
      screen.result({ version: packageJson.version }, packageJson.version);
      return 0;
    }
    if (word === 'start') return await start(argv.slice(1), screen, stop.signal);
    const found = findCommand(commands, argv);
    if (found === undefined) {
      const page = argv.some((one) => one === '--help' || one === '-h') ? helpOfWord(commands, word) : undefined;
      if (page === undefined) throw unknownCommand([startUsage, ...commands], argv);
      screen.note(page);
      return 0;
    }
    return await withSession(screen, stop.signal, (context) => runCommand(found.command, found.rest, context));
  } catch (error) {
    return printError(error, screen);
  }
}

async function start(argv: readonly string[], screen: ReturnType<typeof terminal>, signal: AbortSignal): Promise<number> {
  const options = readStartOptions(argv);
  if (options === 'help') {
    screen.note(helpOf(startUsage));
    return 0;
  }
  const { config, secrets } = await loadConfig(readEnvironment(), options);
  await ensureHome(config.home);
  await using log = await openLogOf(config, process.stderr);
  // Only an agent that stays listens: commands, which are many and short, go without what that takes to load.
  const { serve } = await import('./serve.ts');
  await serve({ config, secrets, log, signal, onReady: (facts) => sayReady(facts, config.home, screen) });
  return 0;
}

async function openLogOf({ home, logLevel }: Config, people?: NodeJS.WritableStream): Promise<OpenLog> {
  const { openLog } = await import('./lib/log.ts');
  return openLog({ home, level: logLevel, ...(people === undefined ? {} : { people }) });
}

async function withSession(
  screen: ReturnType<typeof terminal>,
  signal: AbortSignal,
  work: (context: Context) => Promise<number>,
): Promise<number> {
  await using stack = new AsyncDisposableStack();
  let opened: Promise<Session> | undefined;
  const open = async (need?: 'agent'): Promise<Session> => {
    const { config, secrets } = await loadConfig(readEnvironment());
    await ensureHome(config.home);
    let log: Promise<OpenLog> | undefined;
    const logOf = () => (log ??= openLogOf(config).then((one) => stack.use(one)));
    const onTerminal = note;
    note = async (error) => {
      try {
        (await logOf()).error({ err: error }, 'the command ended in an internal error');
      } catch {
        await onTerminal(error);
      }
    };
    // Words that are not understood, and pages of help, are answered without what a session takes to load.
    const { openSession } = await import('./session.ts');
    return stack.use(await openSession({ config, secrets, log: logOf, signal }, need));
  };
  // Before there is a home there is no log: then the terminal must do.
  let note = async (error: unknown): Promise<void> => screen.note(redact(inspect(error)));
  const session = (need?: 'agent') => (opened ??= open(need));
  const raw = readEnvironment();
  const pinnedNode = fileURLToPath(
    new URL(`../../node_modules/node/bin/${process.platform === 'win32' ? 'node.exe' : 'node'}`, import.meta.url),
  );
  const program = {
    // The pinned one stays where it is through upgrades.
    node: existsSync(pinnedNode) ? pinnedNode : process.execPath,
    bin: fileURLToPath(new URL('../bin/gitprotect-agent.js', import.meta.url)),
    home: raw.home,
    path: raw.machine['PATH'] ?? '',
    settingsFolder: raw.settingsFolder,
    platform: process.platform,
  };
  const closed = async (error: AppError) =>
    (await import('./doctor/examine.ts')).examineClosed(error, { home: raw.home, machine: raw.machine, signal });
  return await work({
    terminal: screen,
    session,
    signal,
    program,
    examineClosed: closed,
    now: () => systemClock.now(),
    onInternalError: (error) => note(error),
  });
}

process.exitCode = await main(process.argv.slice(2));
