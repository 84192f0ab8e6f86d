/** What a server said to one request for several objects: all of them; no; or no because of this one. */
export type Answer<T> = 'had' | 'refused' | { readonly without: T };

/** Which objects of a damaged repo could be had. `unasked`: the requests were used up before it was their turn. */
export interface Sifted<T> {
  readonly had: readonly T[];
  readonly lost: readonly T[];
  readonly unasked: readonly T[];
}

export interface SiftOptions {
  /** The most items in one request. */
  readonly largest: number;
  /** The most requests. */
  readonly requests: number;
}

/**
 * Finds out which of the items a server can give, by asking for groups and halving those that are refused: `lost` are those that it refuses alone,
 * or names itself. Of n items with k lost it takes about 2·k·log₂(n) requests, and only k where the server names them.
 */
export async function sift<T>(
  items: readonly T[],
  { largest, requests }: SiftOptions,
  ask: (group: readonly T[]) => Promise<Answer<T>>,
): Promise<Sifted<T>> {
  const had: T[] = [];
  const lost: T[] = [];
  const groups = Array.from({ length: Math.ceil(items.length / largest) }, (_, index) =>
    items.slice(index * largest, (index + 1) * largest),
  );
  for (let left = requests; left > 0; left -= 1) {
    const group = groups.shift();
    if (group === undefined) break;
    const answer = await ask(group);
    if (answer === 'had') had.push(...group);
    else if (typeof answer === 'object' && group.includes(answer.without)) {
      lost.push(answer.without);
      const others = group.filter((item) => item !== answer.without);
      if (others.length > 0) groups.unshift(others);
    } else if (group.length === 1) lost.push(...group);
    else {
      const half = Math.ceil(group.length / 2);
      groups.unshift(group.slice(0, half), group.slice(half));
    }
  }
  return { had, lost, unasked: groups.flat() };
}
