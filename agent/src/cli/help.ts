import { table } from './terminal.ts';

/** What a help page says of a command. */
export interface Described {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
}

/** Columns of a help page: fits half a screen. */
const width = 100;

/** The help page: what there is, a line each. What a command takes has its own page. */
export function helpPage(commands: readonly Described[]): string {
  return [
    'gitprotect-agent backs up Bitbucket Data Center, and proves that the backups restore.',
    '',
    list(commands),
    '',
    'gitprotect-agent COMMAND --help says what a command takes. Every command takes --json.',
    'GITPROTECT_HOME is where database, keys, logs and the default storage lie.',
    'Exit codes: 0 ok, 1 error, 3 some repositories failed, 4 backed up but a copy or check failed,',
    '            10 no storage, 11 vault locked, 12 wrong passphrase.',
  ].join('\n');
}

/** The commands that begin with this word, when it is the beginning of any: `plan`, `storage`. */
export function helpOfWord(commands: readonly Described[], word: string): string | undefined {
  const those = commands.filter(({ name }) => name.startsWith(`${word} `));
  return those.length === 0 ? undefined : `${list(those)}\n\ngitprotect-agent ${word} … --help says what each takes.`;
}

/** What one command does and takes. */
export function helpOf({ name, usage, summary }: Described): string {
  return `${summary}\n\n${wrapUsage(`usage: gitprotect-agent ${name}`, usage)}`;
}

function list(commands: readonly Described[]): string {
  return table(
    ['COMMAND', ''],
    commands.map(({ name, summary }) => [name, summary]),
    '',
  );
}

/** Breaks a usage between its words, never inside of what stands in brackets unless that alone is too long. */
export function wrapUsage(start: string, usage: string): string {
  const lines = [start];
  for (const word of usage.match(/\[[^\]]*\](?: \.\.\.)?|\S+/g) ?? []) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(`        ${word}`);
  }
  return lines.join('\n');
}
