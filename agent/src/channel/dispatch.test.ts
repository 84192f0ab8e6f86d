import type { Server } from '@gitprotect/shared/server';
import { describe, expect, test } from 'vitest';
import { dispatch, type Handlers, inProcess } from './dispatch.ts';

const server: Server = { id: 's1', url: 'https://b', version: null, hasCa: false, addedAt: '2026-01-01T00:00:00.000Z' };
const handlers = (some: Partial<Handlers>) => some as Handlers;
const management = { kind: 'management' } as const;
const page = { kind: 'page', url: 'https://b/' } as const;

describe('a call', () => {
  test('reaches its handler with parsed parameters and the caller', async () => {
    const seen: unknown[] = [];
    const some = handlers({ 'server.list': async (params, caller) => (seen.push(params, caller), [server]) });
    expect(await dispatch(some, 'server.list', {}, management)).toEqual([server]);
    expect(seen).toEqual([{}, management]);
  });

  test.each(['toString', '__proto__', 'constructor', 'token.get', ''])('“%s” does not exist', async (method) => {
    await expect(dispatch(handlers({}), method, {}, management)).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('is refused to whom it is not meant for', async () => {
    await expect(dispatch(handlers({}), 'server.list', {}, page)).rejects.toMatchObject({ code: 'not-allowed' });
    await expect(dispatch(handlers({}), 'vault.unlock', { passphrase: 'x' }, management)).rejects.toMatchObject({ code: 'not-allowed' });
    await expect(dispatch(handlers({}), 'page.state', {}, { kind: 'cli' })).rejects.toMatchObject({ code: 'not-allowed' });
    await expect(inProcess(handlers({}))('page.state', {})).rejects.toMatchObject({ code: 'not-allowed' });
  });

  test.each<[string, unknown, string]>([
    ['a missing field', { token: 'CANARY' }, 'serverId is missing'],
    ['a wrong type', { serverId: 5, token: 'CANARY' }, 'serverId must be string'],
    ['a wrong form', { serverId: '../CANARY', token: 'CANARY' }, 'serverId is not an id'],
    ['a field too many', { serverId: 's', token: 'CANARY', path: '/CANARY' }, 'path is not known'],
    ['a deep field', { serverId: 's', token: 'CANARY', permissions: ['CANARY'] }, 'permissions.0 must be'],
    ['no object', 'CANARY', 'the parameters must be Object'],
  ])('with %s is refused by the name of the field and without its value', async (_, params, message) => {
    const error = await dispatch(handlers({}), 'credential.add', params, management).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'bad-request', message: expect.stringContaining(message), facts: { method: 'credential.add' } });
    expect(String(error)).not.toContain('CANARY');
  });

  test('returns only what its result names, however deep', async () => {
    const leaking = { ...server, ca: 'CANARY', nested: { token: 'CANARY' } };
    expect(await dispatch(handlers({ 'server.list': async () => [leaking] }), 'server.list', {}, management)).toEqual([server]);
  });

  test('whose result is not as declared fails without showing it', async () => {
    const wrong = { 'server.list': async () => [{ id: 'CANARY', url: 'CANARY' }] } as unknown as Handlers;
    const error = await dispatch(wrong, 'server.list', {}, management).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).cause)).not.toContain('CANARY');
  });
});
