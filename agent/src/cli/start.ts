import { parseArgs } from 'node:util';
import { notUnderstood } from './command.ts';
import { sheet, warning, type Terminal } from './terminal.ts';

export const startUsage = {
  name: 'start',
  usage: '[--port N] [--storage-folder DIR] [--vault keychain|sealed-file|key-file] [--passphrase-file FILE] [--log-level LEVEL]',
  summary: 'run the agent: it listens for the extension and keeps the schedule',
};

/** Options of `start`, by the names of `config.json`, unchecked. */
export function readStartOptions(argv: readonly string[]): Record<string, unknown> | 'help' {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        'storage-folder': { type: 'string' },
        vault: { type: 'string' },
        'passphrase-file': { type: 'string' },
        'log-level': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
      },
    });
    if (values.help === true) return 'help';
    return {
      port: values.port === undefined ? undefined : Number(values.port),
      storageFolder: values['storage-folder'],
      vault: values.vault,
      passphraseFile: values['passphrase-file'],
      logLevel: values['log-level'],
    };
  } catch (error) {
    throw notUnderstood(error, `usage: gitprotect-agent start ${startUsage.usage}`);
  }
}

interface Ready {
  readonly port: number;
  readonly vault: string;
  readonly warning: string | null;
  readonly locked: boolean;
  readonly storage: string;
  readonly paired: number;
}

/** What was chosen, and what to do next. */
export function sayReady(facts: Ready, home: string, terminal: Terminal): void {
  const next = facts.locked
    ? 'unlock the vault: gitprotect-agent vault unlock'
    : facts.paired === 0
      ? 'in another terminal: gitprotect-agent pair, and paste the code into the extension; or go on by command line: gitprotect-agent --help'
      : 'nothing: it keeps the schedule. How it is: gitprotect-agent status';
  const words = [
    `GitProtect agent listens on 127.0.0.1:${facts.port}`,
    sheet([
      ['home', home],
      ['vault', `${facts.vault}${facts.locked ? ' (locked)' : ''}`],
      ['storage', facts.storage],
      ['browsers', facts.paired === 0 ? 'none paired yet' : `${facts.paired} paired`],
      ['next', next],
    ]),
    ...(facts.warning === null ? [] : [warning(`! ${facts.warning}`)]),
    'Stop it with Ctrl-C.',
  ];
  terminal.result({ ...facts, home }, words.join('\n'));
}
