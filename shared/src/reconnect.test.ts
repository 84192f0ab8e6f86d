import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from './errors.ts';
import { afterFailure, stayConnected } from './reconnect.ts';

describe('after a failure', () => {
  test('an agent that is away is tried again, ever slower, within half a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const next = afterFailure('agent-not-running', attempt, random);
        if (!('retryIn' in next)) throw new Error('it must be tried again');
        expect(next.retryIn).toBeGreaterThanOrEqual(250);
        expect(next.retryIn).toBeLessThanOrEqual(30_000);
      }),
    );
    expect([1, 2, 3, 20].map((attempt) => afterFailure('connection-lost', attempt, 0))).toEqual(
      [500, 1000, 2000, 30_000].map((retryIn) => ({ retryIn })),
    );
  });

  test.each(['not-your-agent', 'not-paired', 'protocol-version', 'vault-locked'] as const)('%s waits for a person', (code) => {
    expect(afterFailure(code, 1, 0)).toEqual({ stop: code });
  });
});

test('a connection is made again after each loss, and not after a refusal', async () => {
  const lost = new AppError('connection-lost', 'lost');
  const attempts = [lost, 'up', lost, new AppError('not-paired', 'forgotten')];
  const seen: unknown[] = [];
  await stayConnected({
    connect: async () => {
      const attempt = attempts.shift();
      if (attempt === 'up') return { closed: Promise.resolve(lost) };
      throw attempt;
    },
    signal: new AbortController().signal,
    sleep: async () => undefined,
    random: () => 0,
    onChange: (state) => seen.push('error' in state ? [state.error.code, state.retryIn] : 'up'),
  });
  expect(seen).toEqual([['connection-lost', 500], 'up', ['connection-lost', 500], ['connection-lost', 1000], ['not-paired', null]]);
});
