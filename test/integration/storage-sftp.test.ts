import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@gitprotect/agent/lib/secret';
import { bytesOf, streamOf } from '@gitprotect/agent/storage/bytes';
import { openLocalStorage } from '@gitprotect/agent/storage/local';
import { sftpStorage } from '@gitprotect/agent/storage/sftp';
import { hostKeyOf } from '@gitprotect/agent/storage/sftp-session';
import type { SftpSettings } from '@gitprotect/agent/storage/sftp-settings';
import { namesIn, testStorage } from '@gitprotect/agent/storage/storage-contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentProcess } from '../agent-process.ts';
import { addCommits } from '../bitbucket/history.ts';
import { storeOrSkip } from '../stores/needs.ts';
import { sshdPrograms, startSshd, type Sshd } from '../stores/sshd.ts';
import { World } from '../world.ts';

const signal = new AbortController().signal;

storeOrSkip(sshdPrograms)('a storage on an SSH server', () => {
  let server: Sshd;
  const folders: string[] = [];
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'gitprotect-sftp-'));
    folders.push(made);
    return made;
  };
  const settings = (over: Partial<SftpSettings> = {}): SftpSettings => {
    const { port, user, hostKey } = server;
    return { host: '127.0.0.1', port, user, hostKey, folder: folder(), ...over };
  };
  const key = () => ({ kind: 'key' as const, privateKey: new Secret(server.privateKey), passphrase: null });
  const open = (over: Partial<SftpSettings> = {}) => sftpStorage(settings(over), key());

  beforeAll(async () => {
    server = await startSshd();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    for (const made of folders) rmSync(made, { recursive: true });
  });

  testStorage(async () => open());

  test('can be opened as a folder on the server itself, and says how much is free', async () => {
    const place = folder();
    await using storage = open({ folder: place });
    const stored = await storage.put('a/x', streamOf('bytes'), { signal });
    await using local = await openLocalStorage(place, { create: false });
    expect(String(await bytesOf(await local.get('a/x', { signal, expect: stored }), 10, 'x'))).toBe('bytes');
    expect(await storage.freeBytes()).toBeGreaterThan(1_000_000);
    expect(readdirSync(join(place, '.writing'))).toEqual([]);
  });

  test('is not spoken to when it shows another key than the one pinned', async () => {
    expect(await hostKeyOf(settings(), signal)).toBe(server.hostKey);
    await using storage = open({ hostKey: 'SHA256:another' });
    await expect(storage.stat('a/x')).rejects.toMatchObject({ code: 'storage-refused', message: expect.stringContaining(server.hostKey) });
  });

  test('says when it does not let us in, when its folder is gone, and when nobody listens', async () => {
    await using refused = sftpStorage(settings(), { kind: 'password', password: new Secret('CANARY-wrong') });
    await expect(refused.stat('a/x')).rejects.toMatchObject({ code: 'storage-refused' });
    const place = folder();
    await using storage = open({ folder: place });
    await storage.put('a/x', streamOf('x'), { signal });
    renameSync(place, `${place}-unmounted`);
    folders.push(`${place}-unmounted`);
    folders.splice(folders.indexOf(place), 1);
    for (const work of [() => storage.put('a/y', streamOf('x'), { signal }), () => storage.get('a/x', { signal }), () => namesIn(storage)])
      await expect(work()).rejects.toMatchObject({ code: 'storage-missing', message: expect.stringContaining(place) });
    await using nobody = open({ port: 1 });
    await expect(nobody.stat('a/x')).rejects.toMatchObject({ code: 'storage-unreachable' });
  });

  test('a cut while writing leaves nothing, and the next call connects again', async () => {
    await using storage = open();
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield randomBytes(5_000_000);
      server.cut();
      yield randomBytes(9_000_000);
    };
    await expect(storage.put('a/x', source(), { signal })).rejects.toMatchObject({ code: 'storage-unreachable' });
    expect(await namesIn(storage)).toEqual([]);
    await storage.put('a/x', streamOf('whole'), { signal });
    server.cut();
    expect(await storage.stat('a/x')).toEqual({ name: 'a/x', bytes: 5 });
  });

  test('what a process that is no more was writing goes when it is next connected to', async () => {
    const place = folder();
    await using first = open({ folder: place });
    await first.put('a/x', streamOf('x'), { signal });
    const gone = `${first.place.length}.999999999.x`;
    writeFileSync(join(place, '.writing', gone), 'of another machine');
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield randomBytes(10);
      const [own = ''] = readdirSync(join(place, '.writing')).filter((name) => name !== gone);
      writeFileSync(join(place, '.writing', own.replace(/\.\d+\./, '.999999999.')), 'left behind');
      yield randomBytes(10);
    };
    await first.put('a/y', source(), { signal });
    expect(readdirSync(join(place, '.writing'))).toHaveLength(2);
    await using second = open({ folder: place });
    expect(await namesIn(second)).toEqual(['a/x', 'a/y']);
    expect(readdirSync(join(place, '.writing'))).toEqual([gone]);
  });

  test('is added with its key compared first, and holds the copy of a plan', async () => {
    await using world = await World.start();
    const repo = world.addRepo('orchard');
    await addCommits(repo, [{ message: 'Begin', files: { a: 'a\n' } }]);
    const { host, port, user, folder: place } = settings();
    const agent = agentProcess(world.root);
    await world.stop();
    const add = (...more: string[]) =>
      agent.run(['storage', 'add', 'ssh', '--sftp', `${user}@${host}:${port}${place}`, '--key-stdin', ...more], server.privateKey);
    expect(await add()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`--host-key ${server.hostKey}`) });
    expect(await add('--host-key', `SHA256:${'A'.repeat(43)}`)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('storage-refused'),
    });
    expect(await add('--host-key', server.hostKey)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('everything backups rely on holds there'),
    });
    await world.restart();
    const [, added] = await world.call('storage.list', {});
    const plan = await world.plan([world.addReader('ada')], { copyTo: added?.id ?? null });
    expect((await world.run(plan)).state).toBe('succeeded');
    expect(await world.call('upkeep.run', {})).toContainEqual(expect.objectContaining({ step: 'copy', state: 'done' }));
    const which = { repo: { projectKey: world.project.key, slug: 'orchard' }, from: added?.id };
    expect(await world.call('restore.to-folder', { ...which, folder: join(world.root, 'back') })).toMatchObject({ verified: true });
  });
});
