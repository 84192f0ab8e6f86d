import { existsSync } from 'node:fs';
import { describe } from 'vitest';

/** Programs of the system a browser test drives, and where they are looked for. The environment may point elsewhere. */
const programs = {
  chromium: { path: process.env['GITPROTECT_TEST_CHROMIUM'] ?? '/usr/bin/chromium', package: 'chromium' },
  firefox: { path: process.env['GITPROTECT_TEST_FIREFOX'] ?? '/usr/bin/firefox-esr', package: 'firefox-esr' },
  xvfb: { path: '/usr/bin/Xvfb', package: 'xvfb' },
  xdotool: { path: '/usr/bin/xdotool', package: 'xdotool' },
} as const;

/** A program a test may need. */
export type Program = keyof typeof programs;

/** Path of the program; whether it is there is `browserOrSkip`'s question. */
export function programPath(program: Program): string {
  return programs[program].path;
}

/**
 * `describe` for a suite that needs these programs: where one is missing, the suite is skipped and its name says what to install.
 *
 *     browserOrSkip('chromium')('the popup', () => { … });
 */
export function browserOrSkip(...needed: readonly Program[]): (name: string, suite: () => void) => void {
  const missing = needed.filter((program) => !existsSync(programs[program].path)).map((program) => programs[program].package);
  const advice = `skipped: apt-get install ${missing.join(' ')}`;
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- skipIf takes a condition and returns describe
  const suiteOrSkip = describe.skipIf(missing.length > 0);
  return (name, suite) => {
    if (missing.length > 0) console.warn(`${name}: ${advice}`);
    suiteOrSkip(missing.length > 0 ? `${name} (${advice})` : name, suite);
  };
}
