import { describe, expect, test } from 'vitest';
import { newBase } from './chain.ts';

const chain = [{}];

describe('a chain', () => {
  test('starts with a full bundle', () => {
    expect(newBase([], null)).toBe('there is no chain yet');
  });

  test('grows while refs reach most of it, however long it is, and while nobody knows', () => {
    expect(newBase(Array.from({ length: 1000 }), { bytes: 100_000_000, reached: 40_000_000 })).toBeNull();
    expect(newBase(chain, { bytes: 100_000_000, reached: 120_000_000 })).toBeNull();
    expect(newBase(chain, null)).toBeNull();
  });

  test('starts anew when refs reach little of it, but not for trifles', () => {
    expect(newBase(chain, { bytes: 4_000_000, reached: 1_000_000 })).toBe('no ref reaches 75 % of its chain any more');
    expect(newBase(chain, { bytes: 40_000, reached: 10 })).toBeNull();
  });
});
