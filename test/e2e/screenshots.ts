import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Which pictures to take. */
export interface Pictures {
  /** Existing or new folder for the PNG files. */
  readonly folder: string;
  readonly schemes?: readonly ('light' | 'dark')[];
  /** Viewport widths in CSS pixels; absent keeps the page's own. */
  readonly widths?: readonly number[];
}

/**
 * Takes the whole page as PNG, once for each colour scheme and width: `plans-dark-400.png`. Returns the files' paths. The page
 * keeps its size and scheme.
 */
export async function screenshot(page: Page, name: string, { folder, schemes = ['light'], widths }: Pictures): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const size = page.viewportSize() ?? { width: 1280, height: 800 };
  const files: string[] = [];
  try {
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      for (const width of widths ?? [size.width]) {
        await page.setViewportSize({ width, height: size.height });
        const path = join(folder, `${name}-${colorScheme}-${width}.png`);
        await page.screenshot({ path, fullPage: true, animations: 'disabled' });
        files.push(path);
      }
    }
  } finally {
    await page.emulateMedia({ colorScheme: null });
    await page.setViewportSize(size);
  }
  return files;
}
