import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { manifestName, snapshotId } from '../../storage/layout.ts';
import { decide } from './decide.ts';
import type { StoredSnapshot } from './repo-objects.ts';

const repo = { serverId: 's1', repoId: 42 };
const day = 86_400_000;
const begin = Date.parse('2026-03-01T02:00:00Z');
const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => snapshotId(at + 1));

/** What a storage may hold of a repo: snapshots that share objects and bases, taken at any time, some of them damaged, and orphans. */
const stored = fc
  .array(
    fc.record({
      day: fc.integer({ min: 0, max: 60 }),
      good: fc.boolean(),
      base: fc.option(fc.nat()),
      needs: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 5 }),
      listed: fc.constantFrom('as it is', 'as another', 'not'),
      held: fc.boolean(),
      leanedOn: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .chain((rows) => fc.record({ rows: fc.constant(rows), inUse: fc.subarray(Array.from({ length: 13 }, (_, at) => `object-${at}`)) }))
  .map(({ rows, inUse }) => {
    const all = ids(rows.length);
    const snapshots = new Map<string, StoredSnapshot>();
    for (const [at, { day: on, good, base, needs }] of rows.entries()) {
      const id = snapshotId(at + 1);
      const takenAt = new Date(begin + on * day).toISOString();
      // A base comes before, and has none itself.
      const from = base === null || at === 0 ? null : (all[base % at] ?? null);
      const whole = from === null || snapshots.get(from)?.base === null ? from : null;
      snapshots.set(id, { id, sha256: `hash-${id}`, takenAt, base: whole, needs: needs.map((one) => `object-${one}`), good, metadata: [] });
    }
    const objects = new Map(Array.from({ length: 13 }, (_, at) => [`object-${at}`, 1]));
    const which = (of: (row: (typeof rows)[number]) => boolean): Map<string, string> =>
      new Map(all.filter((_, at) => rows[at] !== undefined && of(rows[at])).map((id) => [id, 'why']));
    const listed = new Map(
      all.flatMap((id, at): [string, string][] =>
        rows[at]?.listed === 'not' ? [] : [[manifestName(repo, id), rows[at]?.listed === 'as it is' ? `hash-${id}` : 'another']],
      ),
    );
    return {
      stored: { repo, snapshots, objects },
      held: which((row) => row.held),
      leanedOn: which((row) => row.leanedOn),
      listed,
      inUse: new Set(inUse),
    };
  });

const keeps = fc.record({ last: fc.integer({ min: 1, max: 3 }), daily: fc.integer({ min: 0, max: 3 }) });

test('what is needed is never dropped: the newest, the last good one, what is held or leaned on, bases, and the objects of all that stays', () => {
  fc.assert(
    fc.property(stored, keeps, fc.integer({ min: 0, max: 90 }), (given, keep, today) => {
      const standing = { policies: [{ plan: 'Nightly', keep, timeZone: 'UTC' }], there: true, guard: null, now: begin + today * day };
      const { goes, stays, unneeded } = decide(given.stored, { ...given, standing });
      const { snapshots, objects } = given.stored;
      expect([...goes.keys(), ...stays.keys()].toSorted()).toEqual([...snapshots.keys()].toSorted());
      const good = [...snapshots.values()].filter((one) => one.good && given.listed.get(manifestName(repo, one.id)) === one.sha256);
      const must = [...given.held.keys(), ...given.leanedOn.keys(), [...snapshots.keys()].at(-1), good.at(-1)?.id];
      expect(must.filter((id) => id !== undefined && goes.has(id))).toEqual([]);
      const staying = [...snapshots.values()].filter(({ id }) => stays.has(id));
      expect(staying.filter(({ base }) => base !== null && goes.has(base))).toEqual([]);
      const kept = new Set([...staying.flatMap(({ needs }) => needs), ...given.inUse]);
      expect(unneeded.filter((name) => kept.has(name) || !objects.has(name))).toEqual([]);
      // And what nobody needs is found.
      expect(unneeded).toHaveLength(objects.size - kept.size);
    }),
    { numRuns: 300 },
  );
});
