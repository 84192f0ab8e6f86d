import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Step } from './recipe.ts';

/** How far the system went along. */
export type Taken =
  | { readonly outcome: 'done' }
  /** The system has no such program. */
  | { readonly outcome: 'no-program'; readonly program: string }
  | { readonly outcome: 'failed'; readonly step: string; readonly said: string };

const run = promisify(execFile);

/** Takes one step after the other, until one fails. */
export async function takeSteps(steps: readonly Step[], signal: AbortSignal): Promise<Taken> {
  for (const [program, ...args] of steps) {
    try {
      await run(program, args, { signal, windowsHide: true });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { outcome: 'no-program', program };
      const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
      return { outcome: 'failed', step: inWords([program, ...args]), said: said === '' ? 'it said nothing' : said };
    }
  }
  return { outcome: 'done' };
}

/** A step as a person types it. */
export function inWords(step: Step): string {
  return step.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ');
}
