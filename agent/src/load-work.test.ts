import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { expect, test } from 'vitest';

const here = import.meta.dirname;
/** Storages of other kinds load when one is opened. */
const later = ['storage/s3.ts', 'storage/sftp.ts', 'storage/sftp-session.ts'];

/** What a file imports, by itself or where it is first used: files from here, and packages by their names. */
function importsOf(file: string, pattern: RegExp): string[] {
  const found = readFileSync(`${here}/${file}`, 'utf8').matchAll(pattern);
  return Array.from(found, ([, name = '']) => (name.startsWith('.') ? join(dirname(file), name) : name));
}
const always = /^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm;
const whenUsed = /import\('([^']+)'\)/g;

test('an agent that stays has loaded all that it will work with', () => {
  const loaded = new Set(['serve.ts', ...importsOf('load-work.ts', whenUsed)]);
  for (const name of loaded) if (name.endsWith('.ts')) for (const more of importsOf(name, always)) loaded.add(more);
  const used = [...loaded].filter((name) => name.endsWith('.ts') && name !== 'load-work.ts').flatMap((name) => importsOf(name, whenUsed));
  expect(used.length).toBeGreaterThan(15);
  expect([...new Set(used)].filter((name) => !loaded.has(name) && !later.includes(name))).toEqual([]);
});
