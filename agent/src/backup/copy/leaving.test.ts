import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leavingNow } from './leaving.ts';

const day = 86_400_000;
const name = fc.constantFrom<string>('a', 'b', 'c', 'd');
const names = fc.uniqueArray(name);

describe('an object of a copy', () => {
  test('goes only when it was pruned by a signed list, is not needed again, is gone from the first storage, and has waited its time', () => {
    const since = fc.dictionary(name, fc.integer({ min: 0, max: 20 * day }));
    fc.assert(
      fc.property(
        names,
        names,
        names,
        names,
        since,
        fc.integer({ min: 0, max: 20 * day }),
        (...[there, standing, pruned, first, waited, now]) => {
          const known = new Map(Object.entries(waited));
          const seen = { there, standing: new Set(standing), pruned: new Set(pruned), first: new Set(first), since: known };
          const { due, since } = leavingNow(seen, now, 7);
          for (const name of there) {
            const wanted = pruned.includes(name) && !standing.includes(name) && !first.includes(name);
            const noted = known.get(name);
            const old = noted !== undefined && noted <= now && now - noted >= 7 * day;
            expect(due.includes(name)).toBe(wanted && old);
            expect(since.has(name)).toBe(wanted);
          }
          expect(due.every((name) => there.includes(name))).toBe(true);
        },
      ),
    );
  });

  test('waits anew when the clock was set back', () => {
    const seen = { there: ['a'], standing: new Set<string>(), pruned: new Set(['a']), first: new Set<string>() };
    const { due, since } = leavingNow({ ...seen, since: new Map([['a', 100 * day]]) }, 2 * day, 7);
    expect([due, since.get('a')]).toEqual([[], 2 * day]);
    expect(leavingNow({ ...seen, since }, 9 * day, 7).due).toEqual(['a']);
  });
});
