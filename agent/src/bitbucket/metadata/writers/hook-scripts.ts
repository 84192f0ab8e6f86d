import { textAt } from '../fields.ts';
import { isOwn } from '../item.ts';
import { neverWriter } from '../write-items.ts';

/** A script of a list says its name itself, or in the script it configures. */
const nameOf = (entry: unknown): string => textAt(entry, 'name') ?? textAt(entry, 'script', 'name') ?? 'without a name';

export const hookScripts = neverWriter(
  'hook-scripts',
  'only a system administrator may install scripts, and no token is one',
  (value, level) =>
    Array.isArray(value) ? value.filter((entry) => isOwn(entry, level)).map((entry) => `hook script “${nameOf(entry)}”`) : ['hook scripts'],
);
