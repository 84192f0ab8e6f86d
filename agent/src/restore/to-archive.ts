import { join, resolve } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import type { Manifest } from '../catalogue/manifest.ts';
import type { LiveRecord } from '../catalogue/metadata-object.ts';
import { type Attachments, idOfAttachment, linkedIn, writeAttachment } from './archive/attachments.ts';
import { Site } from './archive/site.ts';
import { archiveOf, type Records } from './live-record.ts';
import { newFolder } from './new-folder.ts';

/** Which archive to write, and where: all pull requests and settings, or one pull request. */
export interface ArchiveWish {
  readonly folder: string;
  readonly pullRequest?: number | undefined;
}

/** What an archive holds. */
export interface ArchiveWritten {
  readonly folder: string;
  readonly pullRequests: number;
  readonly records: number;
}

/**
 * Writes the offline archive of a snapshot, without its repo, into a new folder that appears whole.
 * @throws AppError `folder-not-empty`, `not-found` when the snapshot holds no such pull request or nothing beside git
 */
export async function restoreArchive(
  manifest: Manifest,
  records: Records,
  { folder, pullRequest }: ArchiveWish,
  signal: AbortSignal,
): Promise<ArchiveWritten> {
  const { metadata } = manifest;
  if (metadata === null) {
    throw new AppError('not-found', 'this snapshot holds nothing beside git', {
      remedy: 'choose a newer snapshot: gitprotect-agent snapshots',
    });
  }
  return newFolder(folder, async (dir) => {
    const wanted = pullRequest === undefined ? undefined : await pullRequestIn(records, pullRequest, signal);
    const attachments: Attachments = new Map();
    let count = 0;
    const linked = wanted && linkedIn(wanted.value);
    for await (const { key, value } of records(['attachments'])) {
      signal.throwIfAborted();
      if (linked !== undefined && !linked.has(idOfAttachment(key, value))) continue;
      await writeAttachment(join(dir, 'attachments'), key, value, attachments);
      count += 1;
    }
    const site = await Site.open(dir, { of: archiveOf(manifest), attachments, kinds: wanted === undefined ? metadata.kinds : null });
    for await (const { kind, key, value } of wanted === undefined ? records() : [wanted]) {
      signal.throwIfAborted();
      if (kind === 'attachments' || kind === 'lfs-objects') continue;
      await site.add(kind, key, value);
      count += 1;
    }
    const entries = await site.finish();
    return { folder: resolve(folder), pullRequests: entries.length, records: count };
  });
}

async function pullRequestIn(records: Records, id: number, signal: AbortSignal): Promise<LiveRecord> {
  for await (const record of records(['pull-requests'])) {
    signal.throwIfAborted();
    if (record.kind === 'pull-requests' && record.key === String(id)) return record;
  }
  throw new AppError('not-found', `this snapshot holds no pull request ${id}`, {
    remedy: 'leave --pull-request out to see all of them in the archive’s list',
  });
}
