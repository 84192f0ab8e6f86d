import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDuration } from '@gitprotect/shared/format';
import type { Page } from 'playwright-core';

/** Tells the steps of the demo as they happen, with figures, and keeps a picture of each. */
export class Narrator {
  readonly #folder: string;
  #count = 0;
  #since = performance.now();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Says that a step is done, what came of it, and takes a picture of the page it ended on. */
  async did(what: string, figures: string, page?: Page): Promise<void> {
    this.#count += 1;
    const number = String(this.#count).padStart(2, '0');
    const took = formatDuration(performance.now() - this.#since);
    console.log(`${number}  ${what.padEnd(58)} ${took.padStart(7)}   ${figures}`);
    if (page !== undefined) {
      await mkdir(this.#folder, { recursive: true });
      const name = what
        .toLowerCase()
        .replaceAll(/[^a-z]+/g, '-')
        .replaceAll(/^-|-$/g, '');
      await page.screenshot({ path: join(this.#folder, `${number}-${name}.png`) });
    }
    this.#since = performance.now();
  }
}
