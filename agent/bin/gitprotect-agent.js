#!/usr/bin/env node
// The agent is TypeScript that Node >= 24 runs as it is. On an older Node this hands over to the one pinned in node_modules.
import { spawn } from 'node:child_process';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Halves the time a command takes. Not in the system's temporary folder, where others could put code of theirs.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
  // What flows through the agent lies in short-lived buffers outside the heap, freed when V8 collects its young generation. That one grows while
  // our modules load, and is then collected so seldom that 80 MB of dead buffers pile up. Kept small, it costs no more time.
  setFlagsFromString('--semi-space-growth-factor=1');
  // The JSON of thousands of pull requests outlives that small generation. The old one may grow by this much before it is collected: measured with
  // 10,000 of them, 195 MB at the peak instead of 284, and git's part as fast as before.
  setFlagsFromString('--heap-growing-percent=30');
  await import(main);
} else {
  const root = createRequire(new URL('../../package.json', import.meta.url));
  const node = join(dirname(root.resolve('node/package.json')), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + 15;
  });
  child.on('error', (error) => {
    console.error(`cannot start the pinned Node (${node}): ${error.message}\nrun: npm start`);
    process.exitCode = 1;
  });
}
