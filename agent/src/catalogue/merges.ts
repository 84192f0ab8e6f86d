import type { Link, MetadataLink } from './manifest.ts';

/** What a link of any chain says of its object. */
type Stored = Pick<Link, 'object' | 'bytes' | 'sha256'>;

/** An object that stands for others, as a merge's record says. */
export interface Merge<L extends Stored> {
  readonly sequence: number;
  readonly result: L;
  /** See `MergeRecord`. */
  readonly parts: readonly Span<L>[];
}

/** An object, and the positions of a merge it holds: the first is 1. */
export interface Span<L> {
  readonly link: L;
  readonly first: number;
  readonly last: number;
}

/** A link as it is to be read now. `instead`: what is there as well and holds the same, if this one turns out to be damaged. */
export type ReadLink<L> = L & { readonly instead?: readonly L[] };

/** A chain as it is to be read now. */
export interface ResolvedChain<L> {
  readonly links: readonly ReadLink<L>[];
  /** Numbers of the merges it rests on. */
  readonly merges: readonly number[];
  /** Results of merges that are not there; the chain is read from what they were made of. */
  readonly missing: readonly L[];
}

/** Whether an object is in storage, with the size its link says. */
export type IsThere = (link: Stored) => boolean;

/** The parts of a merge of neighbours in a chain: each of them, and what it was merged from itself. */
export function partsOf<L extends Stored>(neighbours: readonly L[], merges: readonly Merge<L>[]): Span<L>[] {
  const parts: Span<L>[] = [];
  for (const link of neighbours) {
    const before = lengthOf(parts);
    const merged = merges.find(({ result }) => result.object === link.object)?.parts ?? [];
    const whole = { link, first: 1, last: Math.max(1, lengthOf(merged)) };
    parts.push(...[...merged, whole].map((span) => ({ ...span, first: span.first + before, last: span.last + before })));
  }
  return parts;
}

/**
 * A chain of bundles as it is to be read now: runs of links are replaced by the bundles they were merged to. Where the chain ends inside such a
 * run, that bundle holds more than the snapshot needs, which does no harm, as refs are the manifest's alone. A result that is not there is
 * replaced by what it was made of, as far as that is there.
 */
export function resolveBundles(chain: readonly Link[], merges: readonly Merge<Link>[], isThere: IsThere): ResolvedChain<Link> {
  return resolve(chain, merges, { isThere, isWhole: () => true, asRead: ({ link }) => link });
}

/** A chain of metadata in the same way. Where it ends inside a run, `skip` says how many records at the start of an object came later. */
export function resolveMetadata(
  chain: readonly MetadataLink[],
  merges: readonly Merge<MetadataLink>[],
  isThere: IsThere,
): ResolvedChain<MetadataLink> {
  return resolve(chain, merges, {
    isThere,
    isWhole: ({ skip }) => skip === undefined,
    asRead: ({ link, last }, { parts }, upTo) => {
      const later = parts.filter((part) => part.first === part.last && part.first > upTo && part.last <= last);
      const skip = later.reduce((sum, part) => sum + part.link.records, 0);
      return skip === 0 ? link : { ...link, skip };
    },
  });
}

interface Reading<L extends Stored> {
  readonly isThere: IsThere;
  /** Whether a link of a chain stands for all that its object holds. */
  readonly isWhole: (link: L) => boolean;
  /** The link that reads positions up to `upTo` of a span, and none after. */
  readonly asRead: (span: Span<L>, merge: Merge<L>, upTo: number) => L;
}

function resolve<L extends Stored>(chain: readonly L[], merges: readonly Merge<L>[], reading: Reading<L>): ResolvedChain<L> {
  const links: ReadLink<L>[] = [];
  const used: number[] = [];
  const missing: L[] = [];
  const open = merges.map((merge) => ({ merge, spans: spansOf(merge) }));
  for (let at = 0; at < chain.length;) {
    const found = open
      .map(({ merge, spans }) => ({ merge, spans, ...matched(chain.slice(at), spans, reading.isWhole) }))
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count || b.merge.sequence - a.merge.sequence)[0];
    if (found === undefined) {
      links.push(...chain.slice(at, at + 1));
      at += 1;
      continue;
    }
    const { merge, spans, upTo, count } = found;
    used.push(merge.sequence);
    const asRead = (span: Span<L>): L => reading.asRead(span, merge, upTo);
    const result: Span<L> = { link: merge.result, first: 1, last: lengthOf(merge.parts) };
    const others = cover([...spans.values()], upTo, ({ link }) => link.object !== merge.result.object && reading.isThere(link))?.map(
      asRead,
    );
    if (reading.isThere(merge.result) || others === undefined)
      links.push(others === undefined ? asRead(result) : { ...asRead(result), instead: others });
    else {
      missing.push(merge.result);
      links.push(...others);
    }
    at += count;
  }
  return { links, merges: used, missing };
}

/** What a merge is made of, and its result, by name. */
function spansOf<L extends Stored>({ parts, result }: Merge<L>): ReadonlyMap<string, Span<L>> {
  const whole = { link: result, first: 1, last: lengthOf(parts) };
  return new Map([...parts, whole].map((span) => [span.link.object, span]));
}

const lengthOf = (spans: readonly Span<unknown>[]): number => Math.max(0, ...spans.map(({ last }) => last));

/** How many links at the start of a chain are a merge's parts in order, to the last of them or to the chain's own end; else none. */
function matched<L extends Stored>(
  chain: readonly L[],
  spans: ReadonlyMap<string, Span<L>>,
  isWhole: (link: L) => boolean,
): { readonly count: number; readonly upTo: number } {
  let upTo = 0;
  let count = 0;
  for (const link of chain) {
    const span = isWhole(link) ? spans.get(link.object) : undefined;
    if (span?.first !== upTo + 1) break;
    upTo = span.last;
    count += 1;
  }
  return upTo === lengthOf([...spans.values()]) || count === chain.length ? { count, upTo } : { count: 0, upTo: 0 };
}

/** Spans that hold positions 1 to `upTo` in order, as few as there are; `undefined` when one is not to be had. */
function cover<L>(spans: readonly Span<L>[], upTo: number, isThere: (span: Span<L>) => boolean): Span<L>[] | undefined {
  const covered: Span<L>[] = [];
  for (let position = 1; position <= upTo;) {
    const next = spans.filter((span) => span.first === position && isThere(span)).toSorted((a, b) => b.last - a.last)[0];
    if (next === undefined) return undefined;
    covered.push(next);
    position = next.last + 1;
  }
  return covered;
}
