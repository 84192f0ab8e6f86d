import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** Where the program keeps what it compiled, too: without it a child takes a second more to start. */
const compiled = join(import.meta.dirname, '../../agent/node_modules/.cache/compiled');

/** A program of this folder, as a file to run, its arguments and its environment. */
export function childCommand(name: string, args: readonly (string | number)[]): [string, string[], NodeJS.ProcessEnv] {
  const all = [join(import.meta.dirname, `${name}.ts`), ...args.map(String)];
  return [process.execPath, all, { ...process.env, NODE_COMPILE_CACHE: compiled }];
}

/** Runs a program of this folder. Resolves with what it printed when it came to its end, with null when it was killed. */
export function runChild(name: 'child' | 'compact-child', args: readonly (string | number)[]): Promise<string | null> {
  const [file, all, env] = childCommand(name, args);
  return new Promise((resolve, reject) => {
    execFile(file, all, { env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.signal === 'SIGKILL') resolve(null);
      else reject(new Error(`the child ended with ${error.code}: ${stderr}`));
    });
  });
}
