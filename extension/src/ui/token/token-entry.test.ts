import { describe, expect, test } from 'vitest';
import { expiryOf, tokenProblem } from './token-entry.ts';

const token = (id: string) => `BBDC-${btoa(`${id}:canary-canary-canary`).slice(0, 44)}`;

describe('a pasted token', () => {
  test('is let through when it has the form, with blanks around it', () => {
    expect(tokenProblem(` ${token('123456789012')}\n`)).toBeUndefined();
  });

  test('is refused when a part is missing, and the complaint does not repeat it', () => {
    const cut = token('123456789012').slice(0, -3);
    expect(tokenProblem(cut)).toContain('44 characters');
    expect(tokenProblem(cut)).not.toContain(cut);
  });

  test('must be the one whose button was pressed', () => {
    expect(tokenProblem(token('123456789012'), '123456789012')).toBeUndefined();
    expect(tokenProblem(token('123456789012'), '999999999999')).toContain('another token');
  });

  test('nothing pasted yet is no mistake', () => {
    expect(tokenProblem('  ')).toBeUndefined();
  });

  test('lasts until the end of the day that was chosen', () => {
    expect(expiryOf('')).toBeUndefined();
    expect(new Date(expiryOf('2027-02-01') ?? '').getDate()).toBe(1);
  });
});
