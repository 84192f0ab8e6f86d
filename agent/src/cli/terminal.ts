import { createInterface } from 'node:readline/promises';
import { text as readText } from 'node:stream/consumers';
import { styleText } from 'node:util';
import { AppError } from '@gitprotect/shared/errors';

/** Where a command speaks. Results go to standard output; progress, notes and warnings go to standard error. */
export interface Terminal {
  readonly json: boolean;
  /** Whether progress may redraw a line. */
  readonly live: boolean;
  /** Whether a person reads results as they come: they are kept nowhere. */
  readonly person: boolean;
  /** A result. With `--json` the value is printed as one JSON document; otherwise the words. */
  result(value: unknown, words: string): void;
  note(text: string): void;
  /** Redraws the one line of progress; without a terminal it is not printed. */
  progress(text: string): void;
  /** Asks a person; anything but `y` or `yes` is no. Where nobody can answer, `null`. */
  confirm(question: string): Promise<boolean | null>;
  /** Everything on standard input, trimmed. @throws AppError `bad-request` when it is a terminal and nobody pipes anything in */
  readInput(what: string): Promise<string>;
}

export function terminal(json: boolean): Terminal {
  const { stdin, stdout, stderr } = process;
  const live = stderr.isTTY && !json;
  let drawn = false;
  const clear = () => {
    if (drawn) stderr.write('\r\u001B[K');
    drawn = false;
  };
  return {
    json,
    live,
    person: stdout.isTTY && !json,
    result: (value, words) => {
      clear();
      stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : words === '' ? '' : `${words}\n`);
    },
    note: (text) => {
      clear();
      stderr.write(`${text}\n`);
    },
    progress: (text) => {
      if (!live) return;
      stderr.write(`\r\u001B[K${text.slice(0, Math.max(20, stderr.columns - 1))}`);
      drawn = true;
    },
    confirm: async (question) => {
      if (!stdin.isTTY || !stderr.isTTY || json) return null;
      clear();
      const asked = createInterface({ input: stdin, output: stderr });
      try {
        return /^y(?:es)?$/i.test((await asked.question(`${question} [y/N] `)).trim());
      } finally {
        asked.close();
      }
    },
    readInput: async (what) => {
      if (stdin.isTTY) stderr.write(`Paste ${what}, then press Ctrl-D: `);
      const text = (await readText(stdin)).trim();
      if (text === '')
        throw new AppError('bad-request', `nothing came on standard input, where ${what} was expected`, {
          remedy: 'pipe it in: gitprotect-agent … < FILE',
        });
      return text;
    },
  };
}

export type Cell = string | number | null;

/** Columns side by side, the first row in bold. Numbers are set flush right. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], empty: string): string {
  if (rows.length === 0) return empty;
  const text = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '–' : String(cell));
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => text(row[column]).length)));
  const line = (cells: readonly (Cell | undefined)[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return typeof cell === 'number' ? text(cell).padStart(width) : text(cell).padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [styleText('bold', line(head)), ...rows.map(line)].join('\n');
}

/** Names and values below each other. */
export function sheet(rows: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value === null ? '–' : String(value)}`).join('\n');
}

export const good = (text: string): string => styleText('green', text);
export const warning = (text: string): string => styleText('yellow', text);
export const bad = (text: string): string => styleText('red', text);
