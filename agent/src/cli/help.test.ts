import { expect, test } from 'vitest';
import { commands } from './commands/index.ts';
import { helpOf, helpOfWord, helpPage } from './help.ts';

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

test('the help page names every command in lines that a terminal can show', () => {
  const page = helpPage(commands);
  const lines = page.split('\n').map((line) => line.replaceAll(/\s+/g, ' '));
  for (const { name, summary } of commands) expect(lines).toContain(`${name} ${summary}`);
  expect(longest(page)).toBeLessThanOrEqual(140);
});

test('what a command takes is broken between its words, and all of it is there', () => {
  for (const command of commands) {
    const page = helpOf(command);
    expect(longest(page)).toBeLessThanOrEqual(140);
    expect(page.replaceAll(/\s+/g, ' ')).toContain(`gitprotect-agent ${command.name} ${command.usage}`.trimEnd());
  }
});

test('a word that begins commands lists those', () => {
  const page = helpOfWord(commands, 'storage') ?? '';
  expect(page).toContain('storage add');
  expect(page).not.toContain('plan add');
  expect(helpOfWord(commands, 'stor')).toBeUndefined();
});
