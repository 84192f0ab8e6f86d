import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Names of the objects in a storage's folder, in order. */
export const objectsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith('.'))
    .toSorted();
