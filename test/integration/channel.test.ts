import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { connectToAgent } from '@gitprotect/agent/cli/connect';
import { startChannel } from '@gitprotect/agent/channel/server';
import { connect, type SocketLike } from '@gitprotect/shared/channel-client';
import { AppError } from '@gitprotect/shared/errors';
import type { Caller } from '@gitprotect/shared/protocol';
import type { Server } from '@gitprotect/shared/server';
import { describe, expect, test } from 'vitest';
import { chrome, from, knock, paired, startRig } from '../security/channel-rig.ts';

const management = { kind: 'management' } as const;
const server: Server = { id: 's1', url: 'https://b', version: null, hasCa: false, addedAt: '2026-01-01T00:00:00.000Z' };
const noServers = async (): Promise<Server[]> => [];

describe('a paired extension', () => {
  test('calls, is answered out of order, and hears events', async () => {
    const slow = Promise.withResolvers<void>();
    await using rig = await startRig({
      'server.list': async () => [server],
      'server.remove': async () => {
        await slow.promise;
        return {};
      },
    });
    await using connection = await connect({ ...from(chrome), agent: await paired(rig), caller: management });
    const removal = connection.call('server.remove', { id: 's1' });
    expect(await connection.call('server.list', {})).toEqual([server]);
    slow.resolve();
    expect(await removal).toEqual({});
    const heard = Promise.withResolvers<unknown>();
    connection.on('changed', heard.resolve);
    rig.events.publish({ name: 'changed', body: { what: ['plans'] } });
    expect(await heard.promise).toEqual({ what: ['plans'] });
  });

  test('gets errors with code, words and remedy, and nothing of what went wrong inside', async () => {
    await using rig = await startRig({
      'server.remove': async () => {
        throw new AppError('not-found', 'there is no server s1', { remedy: 'list them', cause: new Error('CANARY') });
      },
      'server.list': async () => {
        throw new Error('CANARY');
      },
    });
    await using connection = await connect({ ...from(chrome), agent: await paired(rig), caller: management });
    await expect(connection.call('server.remove', { id: 's1' })).rejects.toMatchObject({
      code: 'not-found',
      message: 'there is no server s1',
      remedy: 'list them',
    });
    const error = await connection.call('server.list', {}).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'internal' });
    expect(String(error)).not.toContain('CANARY');
  });

  test('speaks for its pages and itself, never for the command line', async () => {
    const callers: Caller[] = [];
    await using rig = await startRig({
      'page.state': async (_, caller) => {
        callers.push(caller);
        return { server: null, credentials: [], projects: [] };
      },
      'server.list': noServers,
    });
    await using connection = await connect({ ...from(chrome), agent: await paired(rig), caller: management });
    const page = { kind: 'page', url: 'https://b/x' } as const;
    await connection.callAs(page)('page.state', {});
    expect(callers).toEqual([page]);
    for (const method of ['agent.stop', 'server.list'] as const) {
      await expect(connection.callAs({ kind: 'cli' })(method, {})).rejects.toMatchObject({ code: 'not-allowed' });
    }
    await expect(connection.callAs(page)('server.list', {})).rejects.toMatchObject({ code: 'not-allowed' });
  });

  test('is cut off when its pairing is removed, and told so when it comes back', async () => {
    await using rig = await startRig();
    const agent = await paired(rig);
    await using connection = await connect({ ...from(chrome), agent, caller: management });
    await rig.pairings.remove(agent.pairing);
    expect(await connection.closed).toMatchObject({ code: 'connection-lost' });
    await expect(connect({ ...from(chrome), agent, caller: management })).rejects.toMatchObject({ code: 'not-paired' });
    expect([await rig.pairings.list(), rig.keys.size]).toEqual([[], 0]);
    await expect(rig.pairings.remove(agent.pairing)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('finds an agent that is away, never a revoked pairing', async () => {
    const rig = await startRig();
    const agent = await paired(rig);
    const connection = await connect({ ...from(chrome), agent, caller: management });
    await rig[Symbol.asyncDispose]();
    expect(await connection.closed).toMatchObject({ code: 'connection-lost' });
    await expect(connect({ ...from(chrome), agent, caller: management })).rejects.toMatchObject({ code: 'agent-not-running' });
    await expect(connection.call('server.list', {})).rejects.toMatchObject({ code: 'connection-lost' });
  });

  test('is told of a locked vault', async () => {
    await using rig = await startRig();
    const agent = await paired(rig);
    rig.keys.get = () => {
      throw new AppError('vault-locked', 'locked');
    };
    await expect(connect({ ...from(chrome), agent, caller: management })).rejects.toMatchObject({ code: 'vault-locked' });
  });

  test('is listed by name, origin and when it was last here', async () => {
    await using rig = await startRig();
    const agent = await paired(rig);
    expect(await rig.pairings.list()).toMatchObject([
      { id: agent.pairing, name: 'test browser', kind: 'extension', origin: chrome, lastSeenAt: null },
    ]);
    rig.clock.advance(1000);
    await using _ = await connect({ ...from(chrome), agent, caller: management });
    await expect.poll(() => rig.pairings.list()).toMatchObject([{ lastSeenAt: '2026-01-01T00:00:01.000Z' }]);
  });

  test.each<[string, (frame: Uint8Array<ArrayBuffer>, send: SocketLike['send']) => void]>([
    ['altered', (frame, send) => send(frame.with(0, (frame[0] ?? 0) ^ 1))],
    ['repeated', (frame, send) => [frame, frame].forEach((each) => send(each))],
    ['not sealed', (_, send) => send('{"type":"heartbeat"}')],
  ])('is cut off after a frame that is %s', async (_, tamper) => {
    await using rig = await startRig({ 'server.list': noServers });
    const { socket: dial, origin } = from(chrome);
    const socket = (url: string, protocol: string): SocketLike => {
      const inner = dial(url, protocol);
      const send = inner.send.bind(inner);
      return Object.assign(inner, {
        send: (frame: string | Uint8Array<ArrayBuffer>) => (typeof frame === 'string' ? send(frame) : tamper(frame, send)),
      });
    };
    await using connection = await connect({ socket, origin, agent: await paired(rig), caller: management });
    connection.call('server.list', {}).catch(() => undefined);
    expect(await connection.closed).toMatchObject({ code: 'connection-lost' });
  });

  test('of another version is refused politely', async () => {
    await using rig = await startRig();
    const socket = knock(rig.port);
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'hello', v: 2, unheard: 'of' })));
    const answer = Promise.withResolvers<unknown>();
    socket.addEventListener('message', ({ data }) => answer.resolve(data));
    expect(JSON.parse(String(await answer.promise))).toEqual({ type: 'refused', code: 'protocol-version', v: 1 });
  });
});

/** Counts what the agent sends, heartbeats and all. */
async function counted() {
  const rig = await startRig({ 'restore.start': () => new Promise(() => undefined), 'server.list': noServers });
  const { socket: dial, origin } = from(chrome);
  let frames = 0;
  const socket = (url: string, protocol: string) => {
    const inner = dial(url, protocol);
    inner.addEventListener('message', ({ data }) => (frames += typeof data === 'string' ? 0 : 1));
    return inner;
  };
  const connection = await connect({ socket, origin, agent: await paired(rig), caller: management });
  await connection.call('server.list', {});
  return { rig, connection, frames: () => frames };
}

describe('a connection', () => {
  test('is kept awake every 20 seconds while a run is going, and only then', async () => {
    const { rig, connection, frames } = await counted();
    await using _ = rig;
    rig.clock.advance(20_000);
    await connection.call('server.list', {});
    expect(frames()).toBe(2);
    rig.busy = true;
    for (const expected of [3, 4]) {
      rig.clock.advance(20_000);
      await expect.poll(frames).toBe(expected);
    }
  });

  test('is kept awake while it waits for an answer', async () => {
    const { rig, connection, frames } = await counted();
    await using _ = rig;
    connection.call('restore.start', { repo: { projectKey: 'A', slug: 'b' } }).catch(() => undefined);
    await connection.call('server.list', {});
    rig.clock.advance(20_000);
    await expect.poll(frames).toBe(3);
  });

  test('is closed after five idle minutes', async () => {
    const { rig, connection } = await counted();
    await using _ = rig;
    for (let beats = 0; beats < 16; beats += 1) {
      rig.clock.advance(20_000);
      await new Promise(setImmediate);
    }
    expect(await connection.closed).toMatchObject({ code: 'connection-lost' });
  });

  test('is given up when an agent with an open call falls silent', async () => {
    await using rig = await startRig({ 'restore.start': () => new Promise(() => undefined) });
    await using connection = await connect({ ...from(chrome), agent: await paired(rig), caller: management, timeouts: { silence: 50 } });
    await expect(connection.call('restore.start', { repo: { projectKey: 'A', slug: 'b' } })).rejects.toMatchObject({
      code: 'connection-lost',
    });
  });

  test('carries an answer of several megabytes', async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => ({ ...server, id: `s${at}` }));
    await using rig = await startRig({ 'server.list': async () => many });
    await using connection = await connect({ ...from(chrome), agent: await paired(rig), caller: management });
    expect(await connection.call('server.list', {})).toHaveLength(20_000);
  });

  test('refuses more than 32 calls at once', async () => {
    await using rig = await startRig({ 'server.list': () => new Promise(() => undefined) });
    await using connection = await connect({ ...from(chrome), agent: await paired(rig), caller: management });
    const calls = Array.from({ length: 33 }, () => connection.call('server.list', {}));
    for (const call of calls) call.catch(() => undefined);
    await expect(calls[32]).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('the command line', () => {
  test('connects with the key in its file, and is the command line whatever it says', async () => {
    const callers: Caller[] = [];
    await using rig = await startRig({
      'server.list': async (_, caller) => {
        callers.push(caller);
        return [];
      },
    });
    expect((await stat(join(rig.home, 'cli.key'))).mode & 0o777).toBe(0o600);
    await using cli = await connectToAgent({ home: rig.home });
    await cli.callAs(management)('server.list', {});
    expect(callers).toEqual([{ kind: 'cli' }]);
  });

  test('finds no agent when none runs', async () => {
    const rig = await startRig();
    await rig[Symbol.asyncDispose]();
    await expect(connectToAgent({ home: rig.home })).rejects.toMatchObject({ code: 'agent-not-running' });
  });

  test.runIf(process.platform !== 'win32')('does not use a key that others can read', async () => {
    await using rig = await startRig();
    await chmod(join(rig.home, 'cli.key'), 0o644);
    await expect(connectToAgent({ home: rig.home })).rejects.toMatchObject({ code: 'vault-insecure' });
  });
});

test('a port that is taken is named, with the way out', async () => {
  await using rig = await startRig();
  const second = startChannel({ ...rig, handlers: {} as never, extensionOrigins: [], busy: () => false, log: {} as never });
  await expect(second).rejects.toMatchObject({
    code: 'port-in-use',
    message: expect.stringContaining(String(rig.port)),
    remedy: expect.stringContaining('--port'),
  });
  await using _ = await connectToAgent({ home: rig.home });
});
