import { formatCount } from '@gitprotect/shared/format';
import { AgeRecipient, type PrintedKey, type RecoveryKey } from '@gitprotect/shared/recovery-key';
import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import type { Arguments, Command, Context } from '../command.ts';
import { bad, table, type Terminal } from '../terminal.ts';

const passphrase = { 'passphrase-stdin': { type: 'boolean' } } as const;

export const recoveryKeyCommands: readonly Command[] = [
  {
    name: 'recovery-key',
    usage: '[--passphrase-stdin]',
    summary: 'print the key that opens backups without this agent; made at first use',
    options: passphrase,
    takes: [0, 0],
    run: async (context, args) =>
      printKey(context.terminal, await (await context.session()).call('recovery-key.print', await given(context, args))),
  },
  {
    name: 'recovery-key list',
    usage: '',
    summary: 'the keys that new backups are sealed to, beside the agent’s own',
    takes: [0, 0],
    run: async ({ session, terminal }) => printKeys(terminal, await (await session()).call('recovery-key.list', {})),
  },
  {
    name: 'recovery-key add',
    usage: 'age1… --name NAME',
    summary: 'seal new backups to a further key, of which you give the public half',
    options: { name: { type: 'string' } },
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const name = args.text('name');
      if (name === undefined)
        throw new AppError('bad-request', 'the key needs a name that says whose it is', { remedy: 'write it like --name "audit safe"' });
      printKeys(terminal, await (await session()).call('recovery-key.add', { recipient: recipientIn(args.word(0)), name }));
      terminal.note('Backups from now on open with it too; earlier ones do not.');
    },
  },
  {
    name: 'recovery-key remove',
    usage: 'age1…',
    summary: 'seal new backups to that key no longer; earlier ones still open with it',
    takes: [1, 1],
    run: async ({ session, terminal }, args) =>
      printKeys(terminal, await (await session()).call('recovery-key.remove', { recipient: recipientIn(args.word(0)) })),
  },
  {
    name: 'recovery-key replace',
    usage: '[--passphrase-stdin]',
    summary: 'make another recovery key for backups from now on, and print it',
    options: passphrase,
    takes: [0, 0],
    run: async (context, args) =>
      printKey(context.terminal, await (await context.session()).call('recovery-key.replace', await given(context, args))),
  },
  {
    name: 'recovery-key use',
    usage: '< FILE',
    summary: 'on a new machine: give this agent a recovery key, from standard input, so that it opens the backups there are',
    takes: [0, 0],
    run: async ({ session, terminal }) => {
      const { call } = await session();
      printKeys(terminal, await call('recovery-key.use', { identity: await terminal.readInput('the recovery key') }));
      terminal.note('Now find the snapshots in storage again: gitprotect-agent catalogue rebuild');
    },
  },
  {
    name: 'storage-key rotate',
    usage: '',
    summary: 'make a new key of the agent’s own for backups from now on; the vault keeps the earlier ones',
    takes: [0, 0],
    run: async ({ session, terminal }) => {
      const made = await (await session()).call('storage-key.rotate', {});
      terminal.result(made, `new backups are sealed to ${made.recipient}`);
    },
  },
];

async function given({ terminal }: Context, args: Arguments): Promise<{ passphrase?: string }> {
  return args.flag('passphrase-stdin') ? { passphrase: await terminal.readInput('the passphrase of the vault') } : {};
}

function recipientIn(word: string): string {
  const read = v.safeParse(AgeRecipient, word);
  if (read.success) return read.output;
  throw new AppError('bad-request', `“${word.slice(0, 20)}” is not the public half of a key`, {
    remedy: 'give the line that begins with age1, as age-keygen prints it; never the secret half',
  });
}

function printKeys(terminal: Terminal, keys: readonly RecoveryKey[]): void {
  const rows = keys.map(({ recipient, name, kind, addedAt }) => [recipient, name, kind === 'own' ? 'made here' : 'given', addedAt]);
  terminal.result(keys, table(['KEY', 'NAME', '', 'SINCE'], rows, 'no recovery key yet; make it: gitprotect-agent recovery-key'));
}

/** The key to standard output, what it is for and whether it works beside it. */
function printKey(terminal: Terminal, key: PrintedKey): void {
  terminal.result(key, `${key.identity}\n`);
  terminal.note(
    'Put it on paper or in a safe, not on this machine: with it, age, zstd and git anybody opens the backups (docs/break-glass.md).',
  );
  if (key.opens === null) terminal.note(bad('! the storage could not be asked, so the key was not tried'));
  else if (key.fresh)
    terminal.note('Backups from now on open with it; earlier ones open with the agent’s key and the recovery keys of their time.');
  else
    terminal.note(
      `Tried just now: it opens the newest snapshot of ${key.opens.snapshots} of ${formatCount(key.opens.of, 'repository', 'repositories')}.`,
    );
}
