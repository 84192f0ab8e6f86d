import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './entry.ts';

/** Characters of text in one file: a browser reads such a file at once, and only when somebody searches. */
const perFile = 1_000_000;

/** A value as a script may hold it, wherever the script stands. */
export function scriptValue(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What the archive's search reads: `search.js` with what the list shows, and the texts in files of their own, as they come. */
export class SearchFiles {
  readonly #dir: string;
  #texts: (readonly [file: string, text: string])[] = [];
  #held = 0;
  #files = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async add(file: string, text: string): Promise<void> {
    if (text === '') return;
    this.#texts.push([file, text]);
    this.#held += text.length;
    if (this.#held >= perFile) await this.#write();
  }

  async finish(entries: readonly Entry[]): Promise<void> {
    if (this.#texts.length > 0) await this.#write();
    const rows = entries.map((one) => [
      one.file,
      one.number,
      one.title,
      one.state,
      one.author,
      one.from,
      one.to,
      one.created,
      one.updated,
      one.comments,
      one.openTasks,
    ]);
    await writeFile(join(this.#dir, 'search.js'), `globalThis.archive = ${scriptValue({ texts: this.#files, rows })};\n`);
  }

  async #write(): Promise<void> {
    this.#files += 1;
    await mkdir(join(this.#dir, 'texts'), { recursive: true });
    await writeFile(join(this.#dir, 'texts', `${this.#files}.js`), `archiveTexts(${scriptValue(this.#texts)});\n`);
    this.#texts = [];
    this.#held = 0;
  }
}
