import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliOrigin, cliPairingId, importKey } from '@gitprotect/shared/handshake';
import { connect } from '@gitprotect/shared/channel-client';
import { fromBase64Url } from '@gitprotect/shared/base64url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { addCommits } from '../bitbucket/history.ts';
import { command, startAgent, type Ended } from '../command-line.ts';
import { prepare, type Prepared } from '../integration/prepared-home.ts';
import { canaryToken, formsOf, leakingFiles, leaks, ProcessWatch } from './canary.ts';

/** A token is nowhere but in the vault, sealed: not after everything was done with it, and not while it is done. */
const own = canaryToken('CANARYofJane');
const additional = canaryToken('CANARYofBensSecond');
const forms = [own, additional].flatMap(formsOf);
let world: Prepared;
let home: string;
let printed = '';
let watch: ProcessWatch;

beforeAll(async () => {
  world = await prepare();
  watch = new ProcessWatch();
  const { state } = world.bitbucket;
  const ben = state.addUser({ name: 'ben' });
  state.grant(ben, 'PROJECT_READ', world.orchard);
  for (const [user, secret] of [
    [world.jane, own],
    [ben, additional],
  ] as const) {
    const id = Buffer.from(secret.slice(5), 'base64').toString('latin1').slice(0, 12);
    state.addToken({ user, name: 'canary', permissions: ['PROJECT_READ', 'REPO_READ'], secret, id });
  }
  home = world.emptyHome({ logLevel: 'debug' });
});
afterAll(async () => {
  watch[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

async function run(args: string, input?: string): Promise<Ended> {
  const ended = await command(home, args.split(' '), input === undefined ? {} : { input });
  printed += ended.stdout + ended.stderr;
  return ended;
}

const succeeds = async (args: string, input?: string) => expect(await run(args, input)).toMatchObject({ exitCode: 0 });

/** Everything people do, and everything that goes wrong with a token. */
async function wholeLife(): Promise<void> {
  await succeeds('run nightly --wait');
  await addCommits(world.repo, [{ files: { 'README.md': `The orchard at ${world.bitbucket.requests.length}` } }]);
  await succeeds('run nightly --wait');
  await succeeds('restore ORCH/core --to-folder ' + join(home, `restored-${world.bitbucket.requests.length}`));
  await succeeds('status --json');
  const [first] = (await world.done(home, ['credential', 'list'])) as { id: string }[];
  const { faults } = world.bitbucket;
  for (const fault of [
    { kind: 'unavailable', status: 401 },
    { kind: 'redirect', to: 'http://127.0.0.1:1/' },
    { kind: 'login-page' },
  ] as const) {
    const on = faults.add(fault, { path: /^\/(?:rest|scm)\// });
    expect((await run('run nightly --wait')).exitCode).not.toBe(0);
    await run(`credential test ${first?.id}`);
    await run('credential add --token-stdin', own);
    on.remove();
    await run(`credential test ${first?.id}`);
  }
}

describe('a token given on standard input', () => {
  test('is not seen after a life without an agent', async () => {
    await succeeds(`project add ${world.bitbucket.url}/projects/ORCH`);
    await succeeds('credential add --token-stdin', own);
    await succeeds('credential add --token-stdin --name second', additional);
    await succeeds('plan add nightly --project ORCH --manual');
    const [, second] = (await world.done(home, ['credential', 'list'])) as { id: string }[];
    await succeeds(`plan credentials nightly --on --enable ${second?.id}`);
    await wholeLife();
    expect(leakingFiles(home, forms)).toEqual([]);
  });

  test('is not seen after a life with an agent, nor in a frame on the wire', async () => {
    const agent = await startAgent(home);
    await wholeLife();
    const frames = await addOverTheWire(own);
    await agent.stop();
    printed += agent.stdout() + agent.stderr();
    expect(frames.length).toBeGreaterThan(4);
    expect(frames.filter((frame) => leaks(frame, forms))).toEqual([]);
    expect(leakingFiles(home, forms)).toEqual([]);
  });

  test('was never in a command line or an environment, nor printed', () => {
    expect(watch.seen.some((text) => text.includes('gitprotect-agent.js'))).toBe(true);
    expect(watch.seen.filter((text) => leaks(Buffer.from(text, 'latin1'), forms))).toEqual([]);
    expect(printed).toContain('restored and verified');
    expect(leaks(printed, forms)).toBe(false);
  });
});

describe('the search', () => {
  test.each([
    ['plain', (secret: string) => secret],
    ['in JSON', (secret: string) => JSON.stringify({ header: `Bearer ${secret}` })],
    ['in base64 after anything', (secret: string) => Buffer.from(`jane:${secret}`).toString('base64')],
    ['in hexadecimal', (secret: string) => Buffer.from(secret).toString('hex')],
    ['in a URL', (secret: string) => `https://x:${encodeURIComponent(secret)}@host/`],
    ['in two bytes a letter', (secret: string) => Buffer.from(`x${secret}`, 'utf16le')],
    ['backwards', (secret: string) => Array.from(secret).toReversed().join('')],
    ['decoded', (secret: string) => Buffer.from(secret.slice(5), 'base64')],
  ])('finds a token planted %s', (_, plant) => {
    writeFileSync(join(home, 'logs', 'planted'), plant(additional));
    expect(leakingFiles(home, forms)).toEqual(['logs/planted']);
    writeFileSync(join(home, 'logs', 'planted'), '');
  });

  test('finds a token in a command line', async () => {
    const planted = new ProcessWatch();
    await command(home, ['status', own]);
    planted[Symbol.dispose]();
    expect(planted.seen.some((text) => leaks(Buffer.from(text, 'latin1'), forms))).toBe(true);
  });
});

/** Adds a token as the command line does, and answers every frame of the connection, both ways, before masking. */
async function addOverTheWire(token: string): Promise<Buffer[]> {
  const { port, key }: { port: number; key: string } = JSON.parse(readFileSync(join(home, 'cli.key'), 'utf8'));
  const frames: Buffer[] = [];
  const record = (frame: unknown): void =>
    void frames.push(Buffer.from(typeof frame === 'string' ? frame : new Uint8Array(frame as ArrayBuffer)));
  class Tapped extends WebSocket {
    override send(...args: [data: string | Uint8Array]): void {
      record(args[0]);
      super.send(...args);
    }
  }
  const connection = await connect({
    socket: (url, protocol) => {
      const socket = new Tapped(url, protocol, { origin: cliOrigin, perMessageDeflate: false });
      socket.on('message', record);
      return socket;
    },
    origin: cliOrigin,
    agent: { pairing: cliPairingId, port, key: await importKey(fromBase64Url(key) ?? new Uint8Array()) },
    caller: { kind: 'cli' },
  });
  const [server] = await connection.call('server.list', {});
  expect(await connection.call('credential.add', { serverId: server?.id ?? '', token })).toMatchObject({ known: true });
  await connection[Symbol.asyncDispose]();
  return frames;
}
