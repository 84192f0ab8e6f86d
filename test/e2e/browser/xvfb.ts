import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { programPath } from './needs.ts';

const run = promisify(execFile);

/** A virtual screen, and a keyboard for it. Dispose ends it. */
export interface Display extends AsyncDisposable {
  /** `:99`, for `launchChromium({display})`. */
  readonly name: string;
  /** Presses and releases keys by their X names (`Tab`, `Return`, `ctrl+l`): real input, trusted by every page and dialog. */
  press(...keys: readonly string[]): Promise<void>;
}

/** Starts an X server on a free display number. */
export async function startDisplay(): Promise<Display> {
  const server = spawn(programPath('xvfb'), ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const numberPipe = server.stdio[3];
  if (numberPipe === null || numberPipe === undefined) throw new Error('Xvfb has no pipe to tell its display number');
  const [number] = (await Promise.race([
    once(numberPipe, 'data'),
    once(server, 'exit').then(() => Promise.reject(new Error('Xvfb ended before it had a display'))),
  ])) as [Buffer];
  const name = `:${number.toString().trim()}`;
  const xdotool = (...args: readonly string[]) => run(programPath('xdotool'), args, { env: { ...process.env, DISPLAY: name } });
  return {
    name,
    press: async (...keys) => void (await xdotool('key', '--delay', '50', ...keys)),
    [Symbol.asyncDispose]: async () => {
      if (server.exitCode !== null) return;
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    },
  };
}
