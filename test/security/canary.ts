import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A token in Bitbucket's own form whose random part is a word, so that it is found wherever it turns up. */
export function canaryToken(word: string): string {
  const id = String(100_000_000_000 + word.length);
  return `BBDC-${Buffer.from(`${id}:${word.padEnd(20, '-').slice(0, 20)}`).toString('base64')}`;
}

/** A secret as it could stand in a file: plain, decoded, encoded, escaped, in two bytes a letter, backwards. */
export function formsOf(secret: string): Buffer[] {
  const decoded = Buffer.from(secret.replace('BBDC-', ''), 'base64').toString('latin1');
  const texts = [secret, secret.replace('BBDC-', ''), decoded].flatMap((text) => [
    text,
    Array.from(text).toReversed().join(''),
    encodeURIComponent(text),
    JSON.stringify(text).replaceAll('/', '\\/').slice(1, -1),
    Buffer.from(text).toString('hex'),
    Buffer.from(text).toString('hex').toUpperCase(),
    // Whatever stands before it, of three places in base64 it has one.
    ...[0, 1, 2].map((shift) =>
      Buffer.from(`${' '.repeat(shift)}${text}`)
        .toString('base64')
        .slice(shift === 0 ? 0 : 4, -4),
    ),
  ]);
  return [...new Set(texts)].flatMap((text) => [Buffer.from(text), Buffer.from(text, 'utf16le')]);
}

/** Whether any form of any secret is in the bytes. */
export function leaks(bytes: Buffer | string, forms: readonly Buffer[]): boolean {
  const all = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return forms.some((form) => all.includes(form));
}

/** The files below a folder that hold a secret, in their content or their name. */
export function leakingFiles(folder: string, forms: readonly Buffer[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFile: entry.isFile() }))
    .filter(({ path, isFile }) => leaks(path, forms) || (isFile && leaks(readFileSync(path), forms)))
    .map(({ path }) => relative(folder, path));
}

/** Watches the command lines and environments of every process below this one. */
export class ProcessWatch implements Disposable {
  readonly #seen = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#look(), 20);
  }

  /** Every command line and environment there was. */
  get seen(): readonly string[] {
    return [...this.#seen];
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const waiting = [String(process.pid)];
    for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
      for (const task of listed(`/proc/${pid}/task`))
        waiting.push(...text(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean));
      if (pid !== String(process.pid)) this.#seen.add(`${text(`/proc/${pid}/cmdline`)}\0${text(`/proc/${pid}/environ`)}`);
    }
  }
}

/** Processes end while they are looked at. */
function text(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
