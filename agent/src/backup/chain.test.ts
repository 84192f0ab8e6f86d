import { describe, expect, test } from 'vitest';
import { newBase } from './chain.ts';

const links = (count: number, bytes: number) => Array.from({ length: count }, () => ({ bytes }));

describe('a chain', () => {
  test('starts with a full bundle', () => {
    expect(newBase([])).toBe('there is no chain yet');
  });

  test('grows while its increments are light', () => {
    expect(newBase([{ bytes: 50_000_000 }, ...links(98, 200_000)])).toBeNull();
  });

  test('starts anew at its hundredth link', () => {
    expect(newBase(links(100, 10))).toContain('100 links');
  });

  test('starts anew when its increments outweigh half of the base, but not for trifles', () => {
    expect(newBase([{ bytes: 4_000_000 }, ...links(3, 1_000_000)])).toContain('half');
    expect(newBase([{ bytes: 400 }, ...links(3, 1_000)])).toBeNull();
  });
});
