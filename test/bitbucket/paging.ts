export interface Page<T> {
  readonly size: number;
  readonly limit: number;
  readonly isLastPage: boolean;
  readonly values: readonly T[];
  readonly start: number;
  /** Only when there is a next page. */
  readonly nextPageStart?: number;
}

const defaultLimit = 25;

const positive = (text: string | null, otherwise: number): number => {
  const value = Number(text ?? otherwise);
  return Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
};

/**
 * One page of `all`, as `start` and `limit` of the query ask.
 * @param pageLimit the server's own maximum: a larger `limit` is cut down to it without a word.
 */
export function pageOf<T>(all: readonly T[], query: URLSearchParams, pageLimit: number): Page<T> {
  const start = positive(query.get('start'), 0);
  const limit = Math.min(positive(query.get('limit'), defaultLimit) || defaultLimit, pageLimit);
  const values = all.slice(start, start + limit);
  const isLastPage = start + values.length >= all.length;
  return { size: values.length, limit, isLastPage, values, start, ...(isLastPage ? {} : { nextPageStart: start + limit }) };
}
