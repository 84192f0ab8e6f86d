import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Link, MetadataLink } from './manifest.ts';
import { type Merge, partsOf, resolveBundles, resolveMetadata, type ResolvedChain } from './merges.ts';

/*
 * A model of a repo's storage: objects hold leaves, one for each backup that wrote one; merged objects hold those of all their parts. Whatever
 * is backed up, merged, lost and swept in whatever order, every snapshot must read its own leaves, in order.
 */

type Kind = 'bundles' | 'metadata';
type Any = Link & MetadataLink;

const hash = '0'.repeat(64);
const pack = { kind: 'incremental' as const, packBytes: 1, packObjects: 1, prerequisites: 0, refsCount: 0 };

class Model {
  readonly #kind: Kind;
  readonly #leaves = new Map<string, readonly number[]>();
  readonly there = new Set<string>();
  merges: Merge<Any>[] = [];
  snapshots: { readonly chain: readonly Any[]; readonly leaves: number }[] = [];
  #leaf = 0;
  #merge = 0;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  /** A snapshot that adds an object, or (metadata alone, say) none. */
  backUp(adds: boolean): void {
    const last = this.snapshots.at(-1);
    const before = last === undefined ? [] : this.resolve(last.chain).links;
    if (adds) this.#leaf += 1;
    const added = adds ? [this.#put(`leaf-${this.#leaf}`, [this.#leaf])] : [];
    this.snapshots.push({ chain: [...before, ...added], leaves: this.#leaf });
  }

  merge(from: number, count: number): void {
    const links = this.resolve(this.snapshots.at(-1)?.chain ?? []).links;
    const run = links.slice(from % Math.max(1, links.length)).slice(0, count);
    if (run.length < 2 || run.some(({ skip }) => skip !== undefined)) return;
    this.#merge += 1;
    const parts = partsOf(run, this.merges);
    const held = run.flatMap(({ object }) => this.#leaves.get(object) ?? []);
    this.merges.push({ sequence: this.#merge, parts, result: this.#put(`merge-${this.#merge}`, held) });
  }

  /** Removes what no snapshot reads, records included, as pruning does. */
  sweep(): void {
    const read = this.snapshots.map(({ chain }) => this.resolve(chain));
    const needed = new Set(read.flatMap(({ links }) => links.map(({ object }) => object)));
    for (const object of this.there) if (!needed.has(object)) this.there.delete(object);
    const rests = new Set(read.flatMap(({ merges }) => merges));
    this.merges = this.merges.filter(({ sequence }) => rests.has(sequence));
  }

  /** Loses a merged object that can be done without. */
  lose(which: number): void {
    const spare = this.merges.filter(
      ({ parts, result }) => this.there.has(result.object) && parts.every(({ link }) => this.there.has(link.object)),
    );
    const lost = spare[which % Math.max(1, spare.length)];
    if (lost !== undefined) this.there.delete(lost.result.object);
  }

  resolve(chain: readonly Any[]): ResolvedChain<Any> {
    const isThere = ({ object }: Pick<Any, 'object'>): boolean => this.there.has(object);
    // A link of the model serves as both kinds.
    return (
      this.#kind === 'bundles' ? resolveBundles(chain, this.merges, isThere) : resolveMetadata(chain, this.merges, isThere)
    ) as ResolvedChain<Any>;
  }

  /** The leaves that are read, oldest first. */
  read(links: readonly Any[]): number[] {
    return links.flatMap(({ object, skip = 0 }) => {
      const held = this.there.has(object) ? (this.#leaves.get(object) ?? []) : [Number.NaN];
      // Newest first in the object: what is passed over are the last ones. A leaf has as many records as its number.
      let left = skip;
      return held
        .toReversed()
        .filter((leaf) => (left > 0 ? ((left -= leaf), false) : true))
        .toReversed();
    });
  }

  #put(object: string, leaves: readonly number[]): Any {
    this.there.add(object);
    this.#leaves.set(object, leaves);
    return { object, bytes: 1, sha256: hash, ...pack, records: leaves.reduce((sum, leaf) => sum + leaf, 0) };
  }
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('back up' as const), adds: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('merge' as const), from: fc.nat(9), count: fc.integer({ min: 2, max: 9 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), which: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), which: fc.nat(9) }) },
  ),
  { maxLength: 40 },
);

function play(kind: Kind, list: readonly Step[]): Model {
  const model = new Model(kind);
  for (const step of list) {
    if (step.do === 'back up') model.backUp(step.adds);
    else if (step.do === 'merge') model.merge(step.from, step.count);
    else if (step.do === 'sweep') model.sweep();
    else if (step.do === 'lose') model.lose(step.which);
    // The last snapshot always stays.
    else model.snapshots = model.snapshots.filter((_, at) => at !== step.which || at === model.snapshots.length - 1);
  }
  return model;
}

type Step =
  | { readonly do: 'back up'; readonly adds: boolean }
  | { readonly do: 'merge'; readonly from: number; readonly count: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'lose' | 'forget'; readonly which: number };

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a chain with merges', () => {
  test('of bundles gives every snapshot at least its own, in order, from objects that are there', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const model = play('bundles', list);
        for (const { chain, leaves } of model.snapshots) {
          const read = model.read(model.resolve(chain).links);
          expect(read.length).toBeGreaterThanOrEqual(leaves);
          expect(read).toEqual(upTo(read.length));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('of metadata gives every snapshot exactly its own', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const model = play('metadata', list);
        for (const { chain, leaves } of model.snapshots) expect(model.read(model.resolve(chain).links)).toEqual(upTo(leaves));
      }),
      { numRuns: 500 },
    );
  });

  test('can be read without a merged object as long as what it was made of is there', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const model = play('bundles', list);
        for (const { chain, leaves } of model.snapshots)
          for (const link of model.resolve(chain).links) {
            if (link.instead === undefined) continue;
            const read = model.read(model.resolve(chain).links.flatMap((one) => (one === link ? (one.instead ?? []) : [one])));
            expect(read.slice(0, leaves)).toEqual(upTo(leaves));
            model.there.delete(link.object);
            const without = model.read(model.resolve(chain).links);
            expect(without.slice(0, leaves)).toEqual(upTo(leaves));
            model.there.add(link.object);
          }
      }),
    );
  });

  test('says which merged objects are missing, and which merges it rests on', () => {
    const model = new Model('bundles');
    for (let backups = 0; backups < 4; backups += 1) model.backUp(true);
    model.merge(1, 2);
    const chain = model.snapshots.at(-1)?.chain ?? [];
    expect(model.resolve(chain)).toMatchObject({ merges: [1], missing: [] });
    expect(model.resolve(chain).links.map(({ object }) => object)).toEqual(['leaf-1', 'merge-1', 'leaf-4']);
    // An older snapshot, whose chain ends among what was merged, reads the merged object as well.
    expect(model.resolve(chain.slice(0, 2)).links.map(({ object }) => object)).toEqual(['leaf-1', 'merge-1']);
    model.there.delete('merge-1');
    expect(model.resolve(chain).missing.map(({ object }) => object)).toEqual(['merge-1']);
    expect(model.resolve(chain).links.map(({ object }) => object)).toEqual(['leaf-1', 'leaf-2', 'leaf-3', 'leaf-4']);
  });
});
