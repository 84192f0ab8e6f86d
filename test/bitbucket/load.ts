import type { RequestRecord } from './request-log.ts';

/** The most requests that were on their way at one time. */
export function mostAtOnce(requests: readonly RequestRecord[]): number {
  const changes = requests.flatMap(({ began, ended = Infinity }) => [
    { at: began, by: 1 },
    { at: ended, by: -1 },
  ]);
  let [now, most] = [0, 0];
  // What ends when another begins was there before it.
  for (const { by } of changes.toSorted((a, b) => a.at - b.at || a.by - b.by)) most = Math.max(most, (now += by));
  return most;
}

/** How many of these requests do not fit into a bucket: those that a server with this limit would have refused. */
export function beyondBucket(requests: readonly RequestRecord[], { capacity, fillRate }: { capacity: number; fillRate: number }): number {
  let [tokens, last, beyond] = [capacity, -Infinity, 0];
  for (const { at } of requests) {
    tokens = Math.min(capacity, tokens + ((at - Math.max(last, 0)) / 1000) * fillRate);
    last = at;
    if (tokens < 1) beyond += 1;
    else tokens -= 1;
  }
  return beyond;
}
