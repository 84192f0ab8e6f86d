import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { originsOf } from './fork-order.ts';

const repo = (id: number, forkOf: number | null, serverId = 's1') => ({
  server: { id: serverId, url: 'https://b' },
  repo: { id, forkOf, slug: `r${id}`, name: `r${id}`, projectKey: 'P', archived: false },
});

test('a fork, and a fork of that, come from where their line begins; one whose origin is not among them stands alone', () => {
  const [root, fork, second, stranger, elsewhere] = [repo(1, null), repo(2, 1), repo(3, 2), repo(4, 99), repo(2, 1, 's2')];
  expect(originsOf([second, fork, root, stranger, elsewhere])).toEqual(
    new Map([
      [second, root],
      [fork, root],
    ]),
  );
  expect(originsOf([second, fork])).toEqual(new Map([[second, fork]]));
});

test('no origin comes from another itself, whatever a server says', () => {
  const line = fc.array(fc.option(fc.integer({ min: 0, max: 8 }), { nil: null }), { maxLength: 8 });
  fc.assert(
    fc.property(line, (forkOf) => {
      const repos = forkOf.map((from, id) => repo(id, from));
      const origins = originsOf(repos);
      for (const [fork, origin] of origins) {
        expect(origin).not.toBe(fork);
        expect(origins.has(origin)).toBe(false);
      }
    }),
  );
});
