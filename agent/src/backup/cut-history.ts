import { asAppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import { fetchPack } from '../git/fetch-pack.ts';
import { tipsOf } from '../git/ref-listing.ts';
import type { FetchParts } from './fetch-bundle.ts';
import type { Listed } from './list.ts';

/**
 * Whether the server has more of a history by now than a chain that ends at `before`, where it was cut off. Nothing may be added to such a chain: the server
 * takes it that we have all behind the commits we name, and sends none of it. One request, for no objects, and only where something was cut off;
 * where no ref reaches a cut any more the answer is yes too.
 */
export async function isDeeper(before: readonly string[], listed: Listed, parts: FetchParts): Promise<boolean> {
  if (before.length === 0) return false;
  try {
    const now = new Set(await cuts(listed, parts));
    return before.some((oid) => !now.has(oid));
  } catch (error) {
    // It cannot read what it has: then there is no more to get.
    if (asAppError(error).code === 'git-damaged') return false;
    throw error;
  }
}

/** Where the history that the refs reach is cut off. The old protocol says it with the list, v2 with a pack (gitprotocol-v2, "shallow-info"). */
async function cuts(listed: Listed, { access, line: { dialect }, signal }: FetchParts): Promise<readonly string[]> {
  const tips = tipsOf(listed);
  if (dialect === 'v0' || tips.length === 0) return listed.shallow;
  return access.ask(async (transport) => {
    await using pack = await fetchPack(transport, { wants: tips, haves: tips, objectFormat: listed.objectFormat, dialect, signal });
    return pack.shallow;
  });
}

/** What a reader of the report must know of a history that is cut off; nothing when it is not. */
export function wordsOfCut(shallow: readonly string[]): string[] {
  if (shallow.length === 0) return [];
  return [`the server’s own history is cut off at ${formatCount(shallow.length, 'commit')}: older commits are not there to save`];
}
