import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from '@gitprotect/agent/cli/commands/index';
import { errorCodes } from '@gitprotect/shared/errors';
import { expect, test } from 'vitest';

const page = readFileSync(join(import.meta.dirname, '../../docs/operating.md'), 'utf8');

test('the operator’s page has a line for every error code, and for no other', () => {
  const table = page.slice(page.indexOf('## Errors'), page.indexOf('## Limits'));
  const listed = [...table.matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => code);
  expect(listed).toHaveLength(Object.keys(errorCodes).length);
  expect(new Set(listed)).toEqual(new Set(Object.keys(errorCodes)));
});

test('every command on the operator’s page exists', () => {
  const names = new Set(['start', ...commands.map(({ name }) => name)]);
  const written = [...page.matchAll(/gitprotect-agent ([a-z-]+)(?: ([a-z]+))?/g)].map(([, first = '', second = '']) => ({
    first,
    both: `${first} ${second}`,
  }));
  expect(written.filter(({ first, both }) => !names.has(first) && !names.has(both))).toEqual([]);
  expect(written.length).toBeGreaterThan(10);
});
