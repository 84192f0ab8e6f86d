import * as v from 'valibot';
import { laterStart } from '../pages.ts';
import type { Reader } from '../reader.ts';

const Page = v.looseObject({ values: v.array(v.unknown()), isLastPage: v.nullish(v.boolean()), nextPageStart: v.nullish(v.number()) });
const Answer = v.union([v.array(v.unknown()), Page]);

/** Every item of a list that is published without paging. Servers send it bare, or as `values`, or in pages all the same. */
export async function* anyList(from: Reader, path: string, signal: AbortSignal): AsyncGenerator<unknown, void> {
  for (let start = 0; ;) {
    const answer = await from.get(path, { schema: Answer, query: { limit: 1000, start }, signal });
    if (Array.isArray(answer)) return yield* answer;
    yield* answer.values;
    const { isLastPage, nextPageStart } = answer;
    const whole = (nextPageStart ?? null) === null && isLastPage !== false;
    if (isLastPage === true || whole) return;
    start = laterStart(path, start, nextPageStart);
  }
}
