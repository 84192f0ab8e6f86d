import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Tells git where a repo's history was cut off on the server: without this file it takes the cut for a loss. Nothing to tell, nothing is written. */
export async function writeShallow(dir: string, shallow: readonly string[]): Promise<void> {
  if (shallow.length > 0) await writeFile(join(dir, 'shallow'), shallow.map((oid) => `${oid}\n`).join(''));
}
