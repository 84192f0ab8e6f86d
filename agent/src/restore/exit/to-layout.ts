import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import type { KindStates } from '@gitprotect/shared/metadata';
import { lfsObjects } from '../../catalogue/metadata-record.ts';
import { type Attachments, writeAttachment } from '../archive/attachments.ts';
import type { ArchiveOf } from '../archive/page.ts';
import { Site } from '../archive/site.ts';
import type { Records } from '../live-record.ts';
import { MetadataFiles, writeJson } from './metadata-files.ts';
import { readme } from './readme.ts';

/** How many records were written, pull requests among them. Large files are counted elsewhere. */
export interface Written {
  readonly records: number;
  readonly pullRequests: number;
  /** What of the backup could not be read; the rest is there. */
  readonly problems: readonly string[];
}

/**
 * Writes everything a snapshot holds beside git into the folder `gitprotect` of a bare repo: JSON by kind, which any tool reads, and the offline
 * archive, which people read.
 */
export async function writeLayout(
  repo: string,
  of: { readonly of: ArchiveOf; readonly kinds: KindStates; readonly records: Records },
  signal: AbortSignal,
): Promise<Written> {
  const root = join(repo, 'gitprotect');
  const metadata = join(root, 'metadata');
  await mkdir(metadata, { recursive: true });
  await writeFile(join(root, 'README.txt'), readme(of.of));
  await writeJson(join(metadata, 'kinds.json'), of.kinds);
  const attachments: Attachments = new Map();
  let records = 0;
  const problems = new Set<string>();
  // Before the texts that link to them: a page says which of them are here.
  for await (const { key, value } of asFarAsWhole(of.records(['attachments']), problems)) {
    signal.throwIfAborted();
    await writeAttachment(join(root, 'archive', 'attachments'), key, value, attachments);
    records += 1;
  }
  const files = new MetadataFiles(metadata);
  try {
    if (attachments.size > 0) {
      await cp(join(root, 'archive', 'attachments'), join(metadata, 'attachments'), { recursive: true });
      await files.list(
        'attachments',
        [...attachments].map(([id, { file, name }]) => ({ id, name, file })),
      );
    }
    const site = await Site.open(join(root, 'archive'), { of: of.of, attachments, kinds: of.kinds });
    for await (const { kind, key, value } of asFarAsWhole(of.records(), problems)) {
      signal.throwIfAborted();
      if (kind === 'attachments') continue;
      await files.add(kind, key, value);
      await site.add(kind, key, value);
      if (kind !== lfsObjects) records += 1;
    }
    const entries = await site.finish();
    if (entries.length > 0) await files.list('pull-requests', entries);
    await files.finish();
    return { records, pullRequests: entries.length, problems: [...problems] };
  } finally {
    await files.close();
  }
}

/** Damage of what is beside git must not take the repo with it: what can be read is written, what cannot be is said. */
async function* asFarAsWhole<T>(records: AsyncIterable<T>, problems: Set<string>): AsyncGenerator<T> {
  try {
    yield* records;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'backup-damaged') throw error;
    problems.add(`what is beside git is not all there: ${error.message}`);
  }
}
