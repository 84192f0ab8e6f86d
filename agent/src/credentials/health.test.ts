import { describe, expect, test } from 'vitest';
import { expiryOf, shownHealth } from './health.ts';

const day = 86_400_000;
const stored = { state: 'healthy', checkedAt: null, message: null } as const;
const none = { expiresAt: null, parkedUntil: null, now: 0 };

describe('the end of a token', () => {
  test.each([
    [15 * day, { kind: 'fine' }],
    [14 * day, { kind: 'soon', days: 14, level: 14 }],
    [7 * day + 1, { kind: 'soon', days: 8, level: 14 }],
    [7 * day, { kind: 'soon', days: 7, level: 7 }],
    [day, { kind: 'soon', days: 1, level: 1 }],
    [1, { kind: 'soon', days: 1, level: 1 }],
    [0, { kind: 'past' }],
    [null, { kind: 'fine' }],
  ])('in %d ms is told as %j', (expiresAt, expected) => {
    expect(expiryOf(expiresAt, 0)).toEqual(expected);
  });
});

describe('the health shown', () => {
  test('is what a person must put right before what passes by itself', () => {
    const rejected = { ...stored, state: 'rejected' } as const;
    expect(shownHealth({ ...none, stored }).state).toBe('healthy');
    expect(shownHealth({ ...none, stored, expiresAt: 6 * day })).toMatchObject({
      state: 'expires-soon',
      message: expect.stringContaining('in 6 days'),
    });
    expect(shownHealth({ ...none, stored, expiresAt: 6 * day, parkedUntil: 5000 }).state).toBe('throttled');
    expect(shownHealth({ ...none, stored: rejected, parkedUntil: 5000 }).state).toBe('rejected');
    expect(shownHealth({ ...none, stored: rejected, expiresAt: 0 }).state).toBe('expired');
  });
});
