import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { connectToAgent } from '@gitprotect/agent/cli/connect';
import { connect, pair } from '@gitprotect/shared/channel-client';
import { importKey, newNonce } from '@gitprotect/shared/handshake';
import { formatPairingCode } from '@gitprotect/shared/pairing-code';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { chrome, firefox, from, knock, paired, startRig, statusOf } from './channel-rig.ts';

const management = { kind: 'management' } as const;
const until = async (condition: () => boolean): Promise<void> => expect.poll(condition, { timeout: 5000, interval: 10 }).toBe(true);

/** Sends bytes to the port as they are; the status line's code, or 0 when the connection closes without one. */
async function raw(port: number, request: string): Promise<number> {
  const socket = createConnection(port, '127.0.0.1');
  socket.end(request);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  expect(answer.toLowerCase()).not.toContain('access-control-');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
}

const textOf = (data: unknown): string => (typeof data === 'string' ? data : 'bytes');

const upgrade = (headers: readonly string[]): string =>
  [
    'GET / HTTP/1.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: gitprotect.v1',
    ...headers,
    '',
    '',
  ].join('\r\n');

describe('T1: a page that opens our socket', () => {
  test('is refused whatever origin it has, and none is refused too', async () => {
    await using rig = await startRig();
    const origins = [
      'null',
      '',
      'https://evil.example',
      'http://127.0.0.1',
      `http://127.0.0.1:${rig.port}`,
      'http://localhost',
      'http://1.2.3.4',
      'http://[::1]',
      'file://',
      chrome.toUpperCase(),
      `${chrome}/`,
      `${chrome}.evil.example`,
      `https://${chrome}`,
      `${chrome} ${chrome}`,
      `${chrome}, ${chrome}`,
      'chrome-extension://bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
      'moz-extension://',
      firefox,
      'gitprotect-cli.example',
    ];
    for (const origin of origins) expect([origin, await statusOf(knock(rig.port, { origin }))]).toEqual([origin, 403]);
    expect(await statusOf(knock(rig.port, {}))).toBe(403);
    expect(await raw(rig.port, upgrade([`Host: 127.0.0.1:${rig.port}`, `Origin: ${chrome}`, 'Origin: https://evil.example']))).toBe(403);
    expect(await statusOf(knock(rig.port))).toBe(101);
  });

  test('from Firefox is let in only while pairing is open, then only as the profile that paired', async () => {
    await using rig = await startRig();
    await paired(rig, firefox);
    expect(await statusOf(knock(rig.port, { origin: firefox }))).toBe(101);
    expect(await statusOf(knock(rig.port, { origin: firefox.replace('0e1f', '0e10') }))).toBe(403);
    await rig.pairings.open(rig.port);
    expect(await statusOf(knock(rig.port, { origin: `${firefox}.evil.example` }))).toBe(403);
  });

  test('gets nothing by plain HTTP, and no word of its query reaches the log', async () => {
    await using rig = await startRig();
    const host = `Host: 127.0.0.1:${rig.port}`;
    for (const path of ['/', '/health', '/?token=CANARY-in-the-query'])
      for (const method of ['GET', 'POST', 'OPTIONS', 'HEAD']) {
        expect(await raw(rig.port, [`${method} ${path} HTTP/1.1`, host, '', ''].join('\r\n'))).toBe(403);
        expect(await raw(rig.port, [`${method} ${path} HTTP/1.1`, host, `Origin: ${chrome}`, '', ''].join('\r\n'))).toBe(404);
      }
    expect(rig.log.join('\n')).not.toContain('CANARY');
  });
});

describe('T2: DNS rebinding', () => {
  test('is stopped by any host but the literal address and port', async () => {
    await using rig = await startRig();
    const origin = `Origin: ${chrome}`;
    const { port } = rig;
    for (const host of [
      `evil.example:${port}`,
      `localhost:${port}`,
      `localhost.:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1.:${port}`,
      `127.0.0.1:0${port}`,
      `[::1]:${port}`,
      `127.1:${port}`,
      `user@127.0.0.1:${port}`,
      '',
    ]) {
      expect([host, await raw(port, upgrade([`Host: ${host}`, origin]))]).toEqual([host, 421]);
    }
    expect(await raw(port, upgrade([`Host: 127.0.0.1:${port}`, `Host: 127.0.0.1:${port}`, origin]))).toBe(421);
    expect(await raw(port, upgrade([`Host: 127.0.0.1:${port}`, 'Host: evil.example', origin]))).toBe(421);
    expect([400, 421]).toContain(await raw(port, upgrade([origin])));
  });
});

describe('T4: a caller with the right origin and no key', () => {
  test('hears nothing but a proof, and is cut off after five seconds', async () => {
    await using rig = await startRig();
    const { pairing } = await paired(rig);
    const socket = knock(rig.port);
    const heard: string[] = [];
    socket.addEventListener('message', ({ data }) => heard.push(textOf(data)));
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'hello', v: 1, pairing, nonce: newNonce() }));
    await until(() => heard.length === 1);
    rig.events.publish({ name: 'changed', body: { what: ['credentials'] } });
    rig.clock.advance(4999);
    expect(socket.readyState).toBe(socket.OPEN);
    rig.clock.advance(1);
    await once(socket, 'close');
    expect(heard.map((text) => JSON.parse(text).type)).toEqual(['proof']);
  });

  test.each([
    ['a guess', JSON.stringify({ type: 'auth', mac: newNonce() })],
    ['no message of ours', 'let me in'],
    ['a sealed frame before its time', Buffer.alloc(64)],
  ])('is cut off at once when it sends %s', async (_, frame) => {
    await using rig = await startRig();
    const { pairing } = await paired(rig);
    const socket = knock(rig.port);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'hello', v: 1, pairing, nonce: newNonce() }));
    await once(socket, 'message');
    socket.send(frame);
    expect((await once(socket, 'close'))[0]).toBe(1008);
  });

  test('cannot use the key of another origin', async () => {
    await using rig = await startRig();
    const agent = await paired(rig, firefox);
    await expect(connect({ ...from(chrome), agent, caller: management })).rejects.toMatchObject({ code: 'not-paired' });
  });
});

/** Answers each message with what `answer` returns, and hangs up for `null`. */
async function fakeAgent(answer: (hello: { nonce: string }) => string | null) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'gitprotect.v1' });
  await once(server, 'listening');
  const heard: string[] = [];
  server.on('connection', (socket) =>
    socket.addEventListener('message', ({ data }) => {
      heard.push(textOf(data));
      const reply = answer(JSON.parse(textOf(data)));
      if (reply === null) socket.close();
      else socket.send(reply);
    }),
  );
  return {
    heard,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

describe('T5: a program that sits on our port', () => {
  test.each([
    ['a wrong proof', () => JSON.stringify({ type: 'proof', nonce: newNonce(), mac: newNonce() }), 'not-your-agent'],
    ['our own hello', (hello: object) => JSON.stringify(hello), 'not-your-agent'],
    ['nonsense', () => 'ok', 'not-your-agent'],
    ['that we are not paired', () => JSON.stringify({ type: 'refused', code: 'not-paired', v: 1 }), 'not-paired'],
    ['nothing and hangs up', () => null, 'connection-lost'],
  ])('and answers %s gets one hello and never a token', async (_, answer, code) => {
    await using fake = await fakeAgent(answer);
    await expect(
      connect({
        ...from(chrome),
        agent: { pairing: 'p', port: fake.port, key: await importKey(new Uint8Array(32).fill(7)) },
        caller: management,
      }),
    ).rejects.toMatchObject({ code });
    expect(fake.heard.map((text) => Object.keys(JSON.parse(text)))).toEqual([['type', 'v', 'pairing', 'nonce']]);
  });

  test('learns nothing from a pairing either', async () => {
    await using fake = await fakeAgent(() => JSON.stringify({ type: 'proof', nonce: newNonce(), mac: newNonce() }));
    const code = formatPairingCode({ port: fake.port, secret: new Uint8Array(16).fill(3) });
    await expect(pair({ ...from(chrome), code, name: 'b' })).rejects.toMatchObject({ code: 'pairing-wrong' });
    expect(fake.heard).toHaveLength(1);
  });
});

describe('T6: a relay', () => {
  test('on another port is found out before anything is said, even when it forges the host', async () => {
    await using rig = await startRig();
    const agent = await paired(rig);
    const relay = createServer((near) => {
      const far = createConnection(rig.port, '127.0.0.1');
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
      near.on('data', (data) =>
        far.write(data.toString('latin1').replace(/Host: 127\.0\.0\.1:\d+/, `Host: 127.0.0.1:${rig.port}`), 'latin1'),
      );
      near.on('end', () => far.end());
      far.pipe(near);
    }).listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const { port } = relay.address() as AddressInfo;
    await expect(connect({ ...from(chrome), agent: { ...agent, port }, caller: management })).rejects.toMatchObject({
      code: 'not-your-agent',
    });
    relay.close();
  });
});

describe('T7: another user of this machine', () => {
  test.runIf(process.platform === 'linux' && process.getuid?.() === 0)('is refused even with the right origin', async () => {
    await using rig = await startRig();
    const request = upgrade([`Host: 127.0.0.1:${rig.port}`, `Origin: ${chrome}`]).replaceAll('\r\n', '\\r\\n');
    const script = `exec 3<>/dev/tcp/127.0.0.1/${rig.port}; printf '${request}' >&3; head -n 1 <&3`;
    const ask = (user: string) => promisify(execFile)('setpriv', [`--reuid=${user}`, '--clear-groups', 'bash', '-c', script]);
    expect((await ask('65534')).stdout).toContain(' 403 ');
    expect((await ask('0')).stdout).toContain(' 101 ');
  });
});

describe('T9: the interface', () => {
  test.runIf(process.platform === 'linux')('it listens on is 127.0.0.1 and no other', async () => {
    await using rig = await startRig();
    const port = rig.port.toString(16).toUpperCase().padStart(4, '0');
    const tables = (await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'latin1').catch(() => '')))).join('\n');
    const listening = [...tables.matchAll(/^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /gm)].filter(([, , at]) => at === port);
    expect(listening.map(([, address]) => address)).toEqual(['0100007F']);
  });
});

describe('T10: a flood', () => {
  test('of silent sockets leaves four, until their time is over', async () => {
    await using rig = await startRig();
    const sockets = Array.from({ length: 50 }, () => knock(rig.port));
    const statuses = await Promise.all(sockets.map(statusOf));
    expect(statuses.filter((status) => status === 101)).toHaveLength(4);
    expect(statuses.filter((status) => status !== 101).every((status) => status === 503)).toBe(true);
    const closed = sockets.filter((_, at) => statuses[at] === 101).map((socket) => once(socket, 'close'));
    rig.clock.advance(5000);
    await Promise.all(closed);
    await using _ = await connectToAgent({ home: rig.home });
  });

  test.each([
    ['of a megabyte before the hello', 1024 * 1024, 1009],
    ['of a few kilobytes before the hello', 8 * 1024, 1005],
  ])('%s ends the connection', async (_, size, code) => {
    await using rig = await startRig();
    const socket = knock(rig.port);
    await once(socket, 'open');
    socket.on('error', () => undefined);
    socket.send('x'.repeat(size));
    expect((await once(socket, 'close'))[0]).toBe(code);
  });

  test('of a megabyte from a paired client is never sent, and the connection stays', async () => {
    await using rig = await startRig({ 'server.list': async () => [] });
    await using cli = await connectToAgent({ home: rig.home });
    await expect(cli.call('server.add', { url: 'x'.repeat(1024 * 1024) })).rejects.toMatchObject({ code: 'bad-request' });
    expect(await cli.call('server.list', {})).toEqual([]);
  });
});
