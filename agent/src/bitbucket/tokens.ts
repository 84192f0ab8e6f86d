import { Permission } from '@gitprotect/shared/credential';
import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import type { Reader } from './reader.ts';

/** What the server says of a token besides its secret. Times in milliseconds since 1970. */
export interface TokenFacts {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly Permission[] | null;
  readonly expiresAt: number | null;
}

const RemoteToken = v.looseObject({
  id: v.string(),
  name: v.string(),
  permissions: v.optional(v.array(v.string())),
  expiryDate: v.nullish(v.number()),
});

/**
 * What the server says of one of the user's tokens; `null` when it says nothing, which is the rule: a token may not
 * list tokens on the versions we know, and the page that offered it knew these facts.
 */
export async function readTokenFacts(
  reader: Reader,
  { ownerSlug, tokenId, signal }: { ownerSlug: string; tokenId: string; signal?: AbortSignal | undefined },
): Promise<TokenFacts | null> {
  try {
    const path = `/rest/access-tokens/latest/users/${encodeURIComponent(ownerSlug)}`;
    for await (const { id, name, permissions, expiryDate } of reader.pages(path, { schema: RemoteToken, signal })) {
      if (id !== tokenId) continue;
      return {
        id,
        name,
        permissions: permissions?.filter((permission) => v.is(Permission, permission)) ?? null,
        expiresAt: expiryDate ?? null,
      };
    }
    return null;
  } catch (error) {
    if (error instanceof AppError && (error.code === 'token-no-read' || error.code === 'not-found')) return null;
    throw error;
  }
}
