import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { constants, gunzipSync } from 'node:zlib';
import type { GitOperation } from './faults.ts';

/** A request below `/scm/`. */
export interface GitAddress {
  readonly projectKey: string;
  readonly slug: string;
  /** What follows `slug.git`, with its slash: `/info/refs`. */
  readonly rest: string;
}

/** Takes `/scm/key/slug.git/rest` apart; undefined for other paths. `.git` may be missing, the key may be in any case. */
export function gitAddress(path: string): GitAddress | undefined {
  const match = /^\/scm\/(?<key>[^/]+)\/(?<slug>[^/]+?)(?:\.git)?(?<rest>\/.*)?$/.exec(path);
  const { key, slug, rest } = match?.groups ?? {};
  if (key === undefined || slug === undefined) return undefined;
  return { projectKey: decodeURIComponent(key), slug: decodeURIComponent(slug), rest: rest ?? '' };
}

/** What git wants. Looks at the first bytes of a POST and puts them back. */
export async function gitOperation(request: IncomingMessage, rest: string, query: URLSearchParams): Promise<GitOperation | undefined> {
  if (rest === '/info/refs') return query.get('service') === 'git-receive-pack' ? 'advertise-push' : 'advertise';
  if (rest === '/git-receive-pack') return 'push';
  if (rest.startsWith('/info/lfs/')) return 'lfs';
  if (rest !== '/git-upload-pack') return undefined;
  return (await firstBytes(request)).includes('command=ls-refs') ? 'ls-refs' : 'fetch';
}

async function firstBytes(request: IncomingMessage): Promise<string> {
  if (request.readableLength === 0 && !request.readableEnded) await once(request, 'readable');
  const chunk = request.read() as Buffer | null;
  if (chunk === null) return '';
  request.unshift(chunk);
  if (request.headers['content-encoding'] !== 'gzip') return chunk.toString('latin1', 0, 200);
  return gunzipSync(chunk, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1', 0, 200);
}
