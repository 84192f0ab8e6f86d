import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { writePrivate } from '../lib/private-file.ts';

const Remembered = v.object({ kind: v.picklist(['keychain', 'sealed-file', 'key-file']), id: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)) });

/** Which vault a home uses, so that its secrets never lie in two. `id` tells homes apart in one keychain. */
export type Remembered = v.InferOutput<typeof Remembered>;

const fileIn = (home: string): string => join(home, 'vault.json');

/** Writes down which vault is used from now on. This is the moment a move takes effect. */
export function remember(home: string, choice: Remembered): Promise<void> {
  return writePrivate(fileIn(home), `${JSON.stringify(choice, null, 2)}\n`);
}

/**
 * Which vault is used, or `null` before the first.
 * @throws AppError `vault-damaged`
 */
export async function recall(home: string): Promise<Remembered | null> {
  const file = fileIn(home);
  if (!existsSync(file)) return null;
  try {
    return v.parse(Remembered, JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new AppError('vault-damaged', `${file} does not say which vault is used`, {
      remedy: 'put back a copy of the file; a new one would hide the secrets that are stored',
      cause: error,
    });
  }
}
