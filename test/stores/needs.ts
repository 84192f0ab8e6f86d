import { existsSync } from 'node:fs';
import { describe } from 'vitest';

/** `describe` for a suite that needs these programs; where one is missing it is skipped, and its name says what to install. */
export function storeOrSkip(programs: Readonly<Record<string, string>>): (name: string, suite: () => void) => void {
  const missing = Object.entries(programs).filter(([, path]) => !existsSync(path));
  const advice = `skipped: apt-get install ${missing.map(([name]) => name).join(' ')}`;
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- skipIf takes a condition and returns describe
  const suiteOrSkip = describe.skipIf(missing.length > 0);
  return (name, suite) => {
    if (missing.length > 0) console.warn(`${name}: ${advice}`);
    suiteOrSkip(missing.length > 0 ? `${name} (${advice})` : name, suite);
  };
}
