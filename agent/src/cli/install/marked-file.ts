import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { writePrivate } from '../../lib/private-file.ts';
import { marker, type Recipe } from './recipe.ts';

type File = Pick<Recipe, 'file' | 'content' | 'encoding'>;

/** Whether our file is there. @throws AppError `already-exists` when one is there that we did not write */
async function readOurs({ file, encoding }: Pick<File, 'file' | 'encoding'>): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(file, encoding);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  if (text.includes(marker)) return text;
  throw new AppError('already-exists', `${file} is there and was not written by GitProtect`, {
    remedy: 'move it away, or keep it and leave the service as it is; nothing was changed',
  });
}

/** Writes the file, whole or not at all. */
export async function writeMarked(wanted: File): Promise<'written' | 'replaced' | 'unchanged'> {
  const before = await readOurs(wanted);
  if (before === wanted.content) return 'unchanged';
  await mkdir(dirname(wanted.file), { recursive: true });
  await writePrivate(wanted.file, Buffer.from(wanted.content, wanted.encoding));
  return before === null ? 'written' : 'replaced';
}

/** Whether there is a file of ours to remove. */
export async function isOurs(wanted: Pick<File, 'file' | 'encoding'>): Promise<boolean> {
  return (await readOurs(wanted)) !== null;
}

export async function removeMarked(wanted: Pick<File, 'file' | 'encoding'>): Promise<void> {
  if (await isOurs(wanted)) await rm(wanted.file);
}
