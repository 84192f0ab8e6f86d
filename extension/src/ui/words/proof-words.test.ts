import { expect, test } from 'vitest';
import { proofCure, proofWord, summaryText } from './proof-words.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const at = '2026-03-01T10:00:00.000Z';

test('a snapshot that was rebuilt says when; one that could not be says what happens next', () => {
  expect(proofWord(undefined, now)).toBeNull();
  expect(proofWord({ at, proven: true, problems: [] }, now)).toEqual({ tone: 'ok', text: 'proven restorable 2 h ago' });
  const failed = { at, proven: false, problems: ['refs/heads/main is missing'] };
  expect(proofWord(failed, now)).toMatchObject({ tone: 'bad' });
  expect(proofCure(failed)).toBe('refs/heads/main is missing. The next run takes a new full backup by itself.');
});

test('a project is summed up by its worst', () => {
  expect(summaryText({ repos: 0, proven: 0, since: null, failed: [] }, now)).toBe('');
  expect(summaryText({ repos: 3, proven: 2, since: at, failed: [] }, now)).toBe('2 of 3 repositories proven restorable so far');
  expect(summaryText({ repos: 3, proven: 2, since: at, failed: ['ORCH/core'] }, now)).toContain('ORCH/core could not be rebuilt');
  expect(summaryText({ repos: 3, proven: 3, since: at, failed: [] }, now)).toBe('every repository proven restorable, the oldest 2 h ago');
});
