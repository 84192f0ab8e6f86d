// Types, lint, format and dead code, side by side. Prints what failed and nothing else.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

const checks = {
  'types: agent and tests': ['tsc', '-p', 'tsconfig.json'],
  'types: shared': ['tsc', '-p', 'shared/tsconfig.json'],
  'types: extension': ['tsc', '-p', 'extension/tsconfig.json'],
  lint: ['oxlint', '--type-aware', '--deny-warnings', '.'],
  format: ['oxfmt', '--check', '.'],
  'dead code': ['knip', '--no-progress'],
};

const run = ([command, ...args]) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });

const queue = Object.entries(checks);
const worker = async () => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [name, command] = next;
    const { ok, output } = await run(command);
    console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name}`);
    if (!ok) {
      console.log(output);
      process.exitCode = 1;
    }
  }
};
await Promise.all(Array.from({ length: Math.min(availableParallelism(), queue.length) }, worker));
