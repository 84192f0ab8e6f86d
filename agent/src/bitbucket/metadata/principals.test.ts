import { AppError } from '@gitprotect/shared/errors';
import { expect, test } from 'vitest';
import { type Asker, readerOf } from '../reader.ts';
import { principalsOf } from './principals.ts';

const { signal } = new AbortController();
const failing = (failures: AppError[]): Asker => {
  const fail = async () => {
    throw failures.shift() ?? new AppError('token-no-read', 'no');
  };
  return { ask: fail, text: fail, bytes: fail };
};

test('whom the token may not look up counts as unknown, with that reason', async () => {
  const principals = principalsOf(readerOf('https://bitbucket.example.com', failing([])), signal);
  expect(await principals.user('alice')).toBeNull();
  expect(await principals.group('developers')).toBe(false);
  expect(principals.whyUnknown('user', 'alice')).toBe('the token may not look up the user “alice” on the server');
  expect(principals.whyUnknown('group', 'developers')).toBe('the token may not look up the group “developers” on the server');
});

test('a server that fails says nothing of the user: the next question asks again', async () => {
  const principals = principalsOf(readerOf('https://bitbucket.example.com', failing([new AppError('server-error', 'broken')])), signal);
  await expect(principals.user('alice')).rejects.toMatchObject({ code: 'server-error' });
  expect(await principals.user('alice')).toBeNull();
});
