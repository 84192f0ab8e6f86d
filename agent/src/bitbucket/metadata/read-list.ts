import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import type { Asking, Reader } from '../reader.ts';

/** What is published as a list comes bare, in pages, or as one page without a word about others: which of them differs by version. */
const SomeList = v.union([
  v.array(v.unknown()),
  v.looseObject({ values: v.array(v.unknown()), isLastPage: v.nullish(v.boolean()), nextPageStart: v.nullish(v.number()) }),
]);

const pageLimit = 1000;

/** Every item of a list, in whatever shape it comes, as the server sent it. */
export async function readList(from: Reader, path: string, { query, ...asking }: Asking): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let start = 0; ;) {
    const list = await from.get(path, { ...asking, schema: SomeList, query: { limit: pageLimit, ...query, start } });
    if (Array.isArray(list)) return list;
    items.push(...list.values);
    if (list.isLastPage !== false) return items;
    if (typeof list.nextPageStart !== 'number' || list.nextPageStart <= start) {
      throw new AppError('server-bad-answer', `the list ${path} does not end: after ${start} comes ${list.nextPageStart ?? 'nothing'}`, {
        remedy: 'check whether a proxy keeps old answers',
      });
    }
    start = list.nextPageStart;
  }
}
