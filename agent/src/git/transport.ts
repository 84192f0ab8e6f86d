/** What one request may carry. */
export interface GitRequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** An accepted answer: 2xx, of the content type git asks for. Stop reading `body` and its connection is closed. */
export interface GitAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * One repo, reached with one credential. The engine knows nothing of tokens, pools and TLS: that is what it is handed.
 * Both calls reject with an `AppError` for anything but an accepted answer.
 */
export interface GitTransport {
  /** The repo's URL without credentials: how errors name it. */
  readonly url: string;
  get(path: string, options: GitRequestOptions): Promise<GitAnswer>;
  post(path: string, body: Uint8Array, options: GitRequestOptions): Promise<GitAnswer>;
}

/** Which requests a server needs for a listing: one POST; a GET before it; or only the old GET. Found once per server. */
export type Dialect = 'post' | 'get-post' | 'v0';

export const uploadPackPath = 'git-upload-pack';
export const advertisementPath = 'info/refs?service=git-upload-pack';
export const versionTwo = { 'git-protocol': 'version=2' } as const;
export const ourAgent = 'agent=gitprotect';
