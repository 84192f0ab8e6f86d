import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import type { AskingFor, Reader } from './reader.ts';

/** Where the query names none. The server cuts it down to its own maximum without a word, so the next start is always the one it names. */
const pageLimit = 1000;

/**
 * Every item of a paged list, page after page, of as many items as `query.limit` says.
 * @throws AppError `server-bad-answer` when a page is not the last and names no later start: such a list would never end
 */
export async function* readPages<S extends v.GenericSchema>(
  get: Reader['get'],
  path: string,
  { schema, query, ...asking }: AskingFor<S>,
): AsyncGenerator<v.InferOutput<S>, void> {
  const page = v.looseObject({ values: v.array(schema), isLastPage: v.boolean(), nextPageStart: v.nullish(v.number()) });
  for (let start = 0; ;) {
    const { values, isLastPage, nextPageStart } = await get(path, {
      ...asking,
      schema: page,
      query: { limit: pageLimit, ...query, start },
    });
    yield* values;
    if (isLastPage) return;
    start = laterStart(path, start, nextPageStart);
  }
}

/**
 * Where the page after the one at `start` begins.
 * @throws AppError `server-bad-answer` when that is nowhere, or no later
 */
export function laterStart(path: string, start: number, next: number | null | undefined): number {
  if (next !== undefined && next !== null && next > start) return next;
  throw new AppError('server-bad-answer', `the list ${path} does not end: after ${start} comes ${next ?? 'nothing'}`, {
    remedy: 'check whether a proxy keeps old answers',
  });
}
