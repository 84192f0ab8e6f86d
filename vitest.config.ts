import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Browser tests share two cores with the agent they drive: one file at a time. */
const withBrowser = { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } as const;

/** What others do is waited for as long as a busy machine may take. */
const patient = { expect: { poll: { timeout: 30_000 } } } as const;

export default defineConfig({
  test: {
    // Most of the time goes to processes the tests start: one worker a core, where the default leaves one core idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: { name: 'unit', include: ['shared/src/**/*.test.ts', 'agent/src/**/*.test.ts', 'scripts/**/*.test.ts'], testTimeout: 30_000 },
      },
      { test: { name: 'extension', include: ['extension/src/**/*.test.{ts,tsx}'], environment: 'happy-dom' } },
      { test: { name: 'simulator', include: ['test/bitbucket/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/{integration,security,format}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          ...patient,
        },
      },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...withBrowser, ...patient } },
    ],
  },
});
