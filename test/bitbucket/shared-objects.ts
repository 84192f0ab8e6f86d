import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Repo } from './model.ts';
import { git } from './repository.ts';

/** Lets a fork have the objects of its origin where they are, as Bitbucket does. */
export function shareObjects(fork: Pick<Repo, 'folder'>, origin: Pick<Repo, 'folder'>): void {
  mkdirSync(join(fork.folder, 'objects/info'), { recursive: true });
  writeFileSync(join(fork.folder, 'objects/info/alternates'), `${join(origin.folder, 'objects')}\n`);
}

/** Brings a fork's main branch to where its origin's is. */
export async function syncMain(fork: Pick<Repo, 'folder'>, origin: Pick<Repo, 'folder'>): Promise<void> {
  await git(fork.folder, ['update-ref', 'refs/heads/main', (await git(origin.folder, ['rev-parse', 'main'])).trim()]);
}
