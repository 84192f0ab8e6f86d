import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDuration } from '@gitprotect/shared/format';
import type { Page } from 'playwright-core';

/** Tells the steps of the demo as they happen, with figures, and keeps a picture of each. */
export class Narrator {
  readonly #folder: string;
  readonly #readme: string | null;
  #count = 0;
  #since = performance.now();

  /** `readme`: where pictures with a name of their own go as well. */
  constructor(folder: string, readme: string | null) {
    this.#folder = folder;
    this.#readme = readme;
  }

  /** Says that a step is done, what came of it, and takes a picture of the page it ended on. */
  async did(what: string, figures: string, page?: Page, name?: string): Promise<void> {
    this.#count += 1;
    const number = String(this.#count).padStart(2, '0');
    const took = formatDuration(performance.now() - this.#since);
    console.log(`${number}  ${what.padEnd(58)} ${took.padStart(7)}   ${figures}`);
    if (page !== undefined) {
      const step = what
        .toLowerCase()
        .replaceAll(/[^a-z]+/g, '-')
        .replaceAll(/^-|-$/g, '');
      const picture = await page.screenshot();
      await keep(this.#folder, `${number}-${step}.png`, picture);
      if (name !== undefined && this.#readme !== null) await keep(this.#readme, `${name}.png`, picture);
    }
    this.#since = performance.now();
  }
}

async function keep(folder: string, file: string, picture: Buffer): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), picture);
}
