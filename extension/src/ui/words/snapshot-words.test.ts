import { describe, expect, test } from 'vitest';
import { besideGit, notInSnapshot } from './snapshot-words.ts';

describe('what a snapshot holds beside git', () => {
  test('is nothing in a backup of git alone', () => {
    expect(besideGit({ metadata: null, lfs: null })).toBe('');
    expect(notInSnapshot({})).toEqual([]);
  });

  test('is counted, settings by kind', () => {
    const metadata = {
      'pull-requests': { state: 'saved', records: 1 },
      attachments: { state: 'saved', records: 2 },
      labels: { state: 'saved', records: 1 },
      webhooks: { state: 'saved', records: 0 },
      hooks: { state: 'saved', records: 1 },
    } as const;
    expect(besideGit({ metadata, lfs: { objects: 3, bytes: 2_000_000, missing: [] } })).toBe(
      '1 pull request, 2 attachments, 2 kinds of settings, 3 large files (2.0 MB)',
    );
  });

  test('says what is missing, and why', () => {
    const metadata = {
      webhooks: { state: 'not-permitted' },
      'access-keys': { state: 'not-permitted' },
      labels: { state: 'failed', message: 'HTTP 500' },
      hooks: { state: 'left-out' },
      'auto-merge': { state: 'not-available' },
    } as const;
    const missing = [{ oid: 'a'.repeat(64), bytes: 1, path: null, why: 'gone' }];
    expect(notInSnapshot({ metadata, lfs: { objects: 1, bytes: 1, missing } })).toEqual([
      'Not permitted to read: webhooks, access keys.',
      'Could not be read: labels.',
      'Left out by the plan: hooks and merge checks.',
      '1 large file could not be had from Bitbucket.',
    ]);
  });
});
