import type { Permission } from '@gitprotect/shared/credential';

/** One of the person's own tokens as Bitbucket's REST lists it. Times are milliseconds since 1970. */
export interface ListedToken {
  /** 12 digits. */
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly createdAt: number | null;
  readonly expiresAt: number | null;
}

export function isExpired(token: ListedToken, now: number): boolean {
  return token.expiresAt !== null && token.expiresAt <= now;
}
