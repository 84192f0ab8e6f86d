import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { requirePrivate, writePrivate } from './private-file.ts';
import { Secret } from './secret.ts';

/** How the command line of the same user reaches the running agent. */
export interface CliKey {
  readonly port: number;
  /** 32 bytes in Base64url, new with every start of the agent. */
  readonly key: Secret;
}

const Content = v.object({ port: v.pipe(v.number(), v.integer()), key: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)) });
const fileIn = (home: string): string => join(home, 'cli.key');

/** Leaves port and key in a file that only the user can read. It is there as long as the agent runs. */
export async function writeCliKey(home: string, { port, key }: CliKey): Promise<void> {
  await writePrivate(fileIn(home), JSON.stringify({ port, key: key.reveal() }));
}

/**
 * What the running agent left, or `null` when none runs.
 * @throws AppError `vault-insecure` when others may read or have written the file
 */
export async function readCliKey(home: string): Promise<CliKey | null> {
  try {
    await requirePrivate(fileIn(home));
    const content = v.parse(Content, JSON.parse(await readFile(fileIn(home), 'utf8')));
    return { port: content.port, key: new Secret(content.key) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

export async function removeCliKey(home: string): Promise<void> {
  await rm(fileIn(home), { force: true });
}
