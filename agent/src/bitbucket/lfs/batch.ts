import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import type { Secret } from '../../lib/secret.ts';
import { clonePath } from '../git-access.ts';
import { askLfs, type LfsAction, type LfsLine } from './line.ts';

/** A large file: the SHA-256 of its bytes, and how many they are. */
export interface LfsObject {
  readonly oid: string;
  readonly bytes: number;
}

/** What the server says of one object. `actions` is empty where there is nothing to do: an upload that is there already. */
export interface BatchedObject extends LfsObject {
  readonly actions: Readonly<Partial<Record<'download' | 'upload' | 'verify', LfsAction>>>;
  /** Why it cannot be had. */
  readonly error: string | null;
}

export interface BatchRequest {
  readonly repo: { readonly projectKey: string; readonly slug: string };
  readonly operation: 'download' | 'upload';
  /** At most `largestBatch`. */
  readonly objects: readonly LfsObject[];
  readonly token: Secret;
  readonly signal: AbortSignal;
}

/** Git LFS API, "Batch API": servers may refuse more. */
export const largestBatch = 100;

const mediaType = 'application/vnd.git-lfs+json';

const Action = v.looseObject({ href: v.pipe(v.string(), v.url()), header: v.nullish(v.record(v.string(), v.string())) });
const Answer = v.looseObject({
  objects: v.array(
    v.looseObject({
      oid: v.string(),
      size: v.nullish(v.number()),
      actions: v.nullish(v.looseObject({ download: v.nullish(Action), upload: v.nullish(Action), verify: v.nullish(Action) })),
      error: v.nullish(v.looseObject({ code: v.nullish(v.number()), message: v.nullish(v.string()) })),
    }),
  ),
});

/**
 * Asks where objects are to be had, or to be put. An object that the server does not answer for has an `error`.
 * @throws AppError `not-found` where the repo takes no large files, and all of the client's
 */
export async function askBatch(line: LfsLine, { repo, operation, objects, token, signal }: BatchRequest): Promise<BatchedObject[]> {
  const url = `${line.baseUrl}${clonePath(repo)}/info/lfs/objects/batch`;
  const wanted = objects.map(({ oid, bytes }) => ({ oid, size: bytes }));
  const { body } = await askLfs(line, {
    method: 'POST',
    url,
    headers: { accept: mediaType, 'content-type': mediaType },
    body: Buffer.from(JSON.stringify({ operation, transfers: ['basic'], objects: wanted, hash_algo: 'sha256' })),
    token,
    signal,
  });
  const read = v.safeParse(Answer, parse(await body.text(), url));
  if (!read.success) throw noAnswer(url);
  const byOid = new Map(read.output.objects.map((one) => [one.oid, one]));
  return objects.map((object) => {
    const found = byOid.get(object.oid);
    if (found === undefined) return { ...object, actions: {}, error: 'the server says nothing of it' };
    const error = found.error === null || found.error === undefined ? null : (found.error.message ?? `error ${found.error.code ?? ''}`);
    return { ...object, actions: actionsOf(found.actions ?? {}), error };
  });
}

type SomeAction = v.InferOutput<typeof Action> | null | undefined;

function actionsOf(given: { readonly [A in 'download' | 'upload' | 'verify']?: SomeAction }): BatchedObject['actions'] {
  const actions: Partial<Record<'download' | 'upload' | 'verify', LfsAction>> = {};
  for (const name of ['download', 'upload', 'verify'] as const) {
    const action = given[name];
    if (action !== null && action !== undefined) actions[name] = { href: action.href, header: action.header ?? {} };
  }
  return actions;
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw noAnswer(url);
  }
}

function noAnswer(url: string): AppError {
  return new AppError('server-bad-answer', `${url} did not answer as the large file API does`, {
    remedy: 'check what stands between this machine and Bitbucket',
  });
}
