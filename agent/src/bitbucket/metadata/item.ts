import type { Scope } from '../endpoint.ts';
import { canonical, textAt } from './fields.ts';
import type { KindWriter } from './kind-writer.ts';

/** Whose settings: some things are kept for a project and for each repo, and a repo's list then shows the project's as well. */
export type Level = 'repo' | 'project';

export function levelOf({ slug }: Scope): Level {
  return slug === null ? 'project' : 'repo';
}

/** One thing of a kind, without what only one server knows of it: ids, links, dates, pictures. */
export interface Item<Content = unknown> {
  /** Which of its kind: what is the same in backup and server has the same key. */
  readonly key: string;
  /** The thing in words: `webhook “ci”`. Never a secret. */
  readonly what: string;
  /** What a restore brings back; equal when it is equal as JSON. `null`: the record is incomplete, nothing can be made of it. */
  readonly content: Content | null;
  /** The number this server has given it. */
  readonly id?: number | undefined;
  /** There is more to it than the server shows: a secret that is set, branches that are not listed. */
  readonly hidden?: boolean | undefined;
}

/** A writer whose kind can be compared. */
export interface ComparableWriter extends KindWriter {
  /** A record's value, or what the server has now, as comparable things. What is inherited from above is left out. */
  items(value: unknown, level: Level): readonly Item[];
  /** Whether more on one side is a difference: in a list it is, in an object a newer server merely has more fields. */
  readonly list: boolean;
}

export interface Pair<W, P> {
  readonly wanted: W;
  readonly present: P | null;
  readonly same: boolean;
}

/** Finds each wanted thing among those present: its equal, else one with the same key; each serves once. */
export function pairItems<W extends Item, P extends Item>(
  wanted: readonly W[],
  present: readonly P[],
): { readonly pairs: readonly Pair<W, P>[]; readonly extra: readonly P[] } {
  const left = new Set(present);
  const take = (fits: (item: P) => boolean): P | null => {
    const found = [...left].find(fits) ?? null;
    if (found !== null) left.delete(found);
    return found;
  };
  const equals = wanted.map((item) => take((other) => other.key === item.key && canonical(other.content) === canonical(item.content)));
  const pairs = wanted.map((item, index) => {
    const equal = equals[index] ?? null;
    return { wanted: item, present: equal ?? take((other) => other.key === item.key), same: equal !== null };
  });
  return { pairs, extra: [...left] };
}

/** Whether a thing belongs to this level itself. The field is `scope.type`, in webhooks `scopeType`. */
export function isOwn(value: unknown, level: Level): boolean {
  const scope = (textAt(value, 'scope', 'type') ?? textAt(value, 'scopeType') ?? '').toUpperCase();
  return scope === '' || scope === (level === 'repo' ? 'REPOSITORY' : 'PROJECT');
}

const incompleteKey = 'incomplete ';

/** A thing whose record lacks what it needs. */
export function incomplete(what: string, value: unknown): Item<never> {
  return { key: incompleteKey + canonical(value), what, content: null };
}

/** A record that should be a list, thing by thing; one incomplete thing when it is none. Those inherited from above are left out. */
export function itemsOfList<C>(
  value: unknown,
  level: Level,
  words: string,
  itemOf: (entry: unknown) => Item<C> | null,
): readonly Item<C>[] {
  if (!Array.isArray(value)) return [incomplete(words, value)];
  return value.filter((entry) => isOwn(entry, level)).flatMap((entry) => itemOf(entry) ?? []);
}
