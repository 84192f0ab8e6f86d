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
  readonly makeRecoveryKey: (() => Promise<string>) | null;
}

/**
 * What was chosen, and what to do next. At the first start a person sees the recovery key: on a terminal only, for what else reads this output
 * keeps it, a service's journal to begin with.
 */
export async function sayReady({ makeRecoveryKey, ...facts }: Ready, home: string, terminal: Terminal): Promise<void> {
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
    ...(await recoveryKeyWords(makeRecoveryKey, terminal)),
    'Stop it with Ctrl-C.',
  ];
  terminal.result({ ...facts, home, recoveryKey: makeRecoveryKey === null }, words.join('\n'));
}

async function recoveryKeyWords(make: Ready['makeRecoveryKey'], { person }: Terminal): Promise<string[]> {
  if (make === null) return [];
  if (!person)
    return [warning('! there is no recovery key yet: if this machine is lost, nothing opens the backups – gitprotect-agent recovery-key')];
  return [
    '',
    'The recovery key opens the backups when this machine is lost. Put it on paper or in a safe, not on this machine:',
    `  ${await make()}`,
    'It is in the vault too and can be printed again: gitprotect-agent recovery-key',
    '',
  ];
}
