import { expect, test } from 'vitest';
import { sentence } from './sentence.ts';

test.each([
  ['the folder is not there', 'The folder is not there.'],
  ['refs/heads/main is missing', 'refs/heads/main is missing.'],
  ['config.json cannot be read', 'config.json cannot be read.'],
  ['is it mounted?', 'Is it mounted?'],
])('%s, as a sentence, leaves names as they are', (text, wanted) => {
  expect(sentence(text)).toBe(wanted);
});
