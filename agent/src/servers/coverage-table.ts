import type { Credential, Permission } from '@gitprotect/shared/credential';
import type { CoverageTable, Right } from '@gitprotect/shared/repo';
import type { CoveredRepo } from '../credentials/coverage.ts';

/** Repos by name, with the accounts that see each; `used` are the ids of those that some plan uses for the project. Pure. */
export function coverageTable(credentials: readonly Credential[], used: ReadonlySet<string>, repos: readonly CoveredRepo[]): CoverageTable {
  return {
    accounts: credentials.map(({ id, name, owner, permissions }) => ({
      credentialId: id,
      name,
      ownerSlug: owner?.slug ?? null,
      inUse: used.has(id),
      right: rightOf(permissions),
    })),
    repos: repos
      .map(({ id, slug, archived, credentialIds, lastSeenAt }) => ({ id, slug, archived, seenBy: [...credentialIds], lastSeenAt }))
      .toSorted((one, other) => one.slug.localeCompare(other.slug)),
  };
}

function rightOf(permissions: readonly Permission[] | null): Right {
  if (permissions === null) return null;
  const has = (right: string) => permissions.some((permission) => permission.endsWith(right));
  return has('_ADMIN') ? 'admin' : has('_WRITE') ? 'write' : 'read';
}
