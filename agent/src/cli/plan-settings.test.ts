import { metadataKinds } from '@gitprotect/shared/metadata';
import { describe, expect, test } from 'vitest';
import { Arguments } from './command.ts';
import { leaveOut } from './plan-settings.ts';

const given = (...words: string[]) => leaveOut(new Arguments([], { 'leave-out': words }));

describe('--leave-out', () => {
  test('not given changes nothing', () => {
    expect(leaveOut(new Arguments([], {}))).toBeUndefined();
  });

  test('takes kinds, groups of them, and several in one word, each once', () => {
    expect(given('webhooks,labels', 'webhooks')).toEqual(['webhooks', 'labels']);
    expect(given('permissions')).toEqual(['user-permissions', 'group-permissions', 'default-permissions', 'access-keys']);
    expect(given('pull-requests')).toEqual(['pull-requests', 'attachments']);
  });

  test('takes all and none', () => {
    expect(given('all')).toEqual(metadataKinds);
    expect(given('none')).toEqual([]);
  });

  test('names what is no kind, and the one that was meant', () => {
    expect(() => given('webhoks')).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringContaining('webhoks'),
        remedy: expect.stringContaining('mean webhooks?'),
      }),
    );
  });
});
