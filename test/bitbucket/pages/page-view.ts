import type { TokenPageVariant } from './variants.ts';

/** The person logged in. */
export interface UserView {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
  readonly displayName: string;
  readonly emailAddress: string;
}

/** One HTTP access token as REST lists it. Times are epoch milliseconds; no secret. */
export interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly createdDate: number;
  readonly expiryDate?: number | undefined;
  readonly lastAuthenticated?: number | undefined;
  readonly permissions: readonly string[];
}

/** All a page is made of. Pages are pure: the same view gives the same HTML. */
export interface PageView {
  /** `''` or `/bitbucket`. */
  readonly contextPath: string;
  /** Scheme, host, port and context path, no slash at the end. */
  readonly baseUrl: string;
  /** `8.19.2`, `10.4.3`, … */
  readonly version: string;
  readonly user: UserView | null;
  /** For `script-src 'nonce-…'; style-src 'nonce-…'`; null where the server sends no policy. */
  readonly nonce: string | null;
  readonly variant: TokenPageVariant;
  readonly tokens: readonly TokenView[];
  readonly projects: readonly { readonly key: string; readonly name: string; readonly id: number }[];
  /** The request's path below the context path; absent means the token list's. */
  readonly path?: string | undefined;
}
