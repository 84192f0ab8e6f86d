import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Secret } from '@gitprotect/agent/lib/secret';
import { bytesOf, streamOf } from '@gitprotect/agent/storage/bytes';
import { s3Storage } from '@gitprotect/agent/storage/s3';
import type { S3Settings } from '@gitprotect/agent/storage/s3-settings';
import { namesIn, testStorage } from '@gitprotect/agent/storage/storage-contract';
import type { Storage } from '@gitprotect/agent/storage/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultProxy, type Fault, type FaultProxy } from '../stores/fault-proxy.ts';
import { addCommits } from '../bitbucket/history.ts';
import { storeOrSkip } from '../stores/needs.ts';
import { radosgwPrograms, startRadosgw, type Radosgw } from '../stores/radosgw.ts';
import { World } from '../world.ts';

const signal = new AbortController().signal;
const ofSize = (size: number) => streamOf(randomBytes(size));

storeOrSkip(radosgwPrograms)('a storage in S3', () => {
  let server: Radosgw;
  let proxy: FaultProxy;
  let admin: S3Client;
  let prefixes = 0;

  const settings = (over: Partial<S3Settings> = {}): S3Settings => ({
    bucket: 'backups',
    prefix: `test-${(prefixes += 1)}/`,
    region: 'us-east-1',
    endpoint: proxy.url,
    pathStyle: true,
    ca: null,
    encryption: null,
    lock: null,
    ...over,
  });
  const keys = () => ({ kind: 'keys' as const, accessKeyId: server.accessKeyId, secretAccessKey: new Secret(server.secretAccessKey) });
  const open = (over: Partial<S3Settings> = {}, silence?: number): Storage =>
    s3Storage(settings(over), { access: keys(), now: Date.now, silence });
  /** Spoils the first requests whose line fits. */
  const spoil = (fits: RegExp, ...faults: Fault[]): void => {
    proxy.fault = (line) => (fits.test(line) ? (faults.shift() ?? null) : null);
  };
  const uploads = async () => (await admin.send(new ListMultipartUploadsCommand({ Bucket: 'backups' }))).Uploads ?? [];

  beforeAll(async () => {
    server = await startRadosgw();
    proxy = await faultProxy(server.endpoint);
    const { endpoint, accessKeyId, secretAccessKey } = server;
    admin = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
    await admin.send(new CreateBucketCommand({ Bucket: 'backups' }));
    await admin.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }));
  }, 120_000);
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  describe('of a real server', () => {
    testStorage(async () => open({ endpoint: server.endpoint }));

    test('lists more than one page', async () => {
      await using storage = s3Storage(settings(), { access: keys(), now: Date.now, page: 3 });
      const names = Array.from({ length: 10 }, (_, index) => `a/${index}`);
      await Promise.all(names.map((name) => storage.put(name, streamOf(''), { signal })));
      expect(await namesIn(storage)).toEqual(names);
    });

    test('locks small and large objects, which nobody can then remove for good', async () => {
      await using storage = open({ bucket: 'locked', lock: { mode: 'COMPLIANCE', days: 1 } });
      for (const size of [10, 9_000_000]) await storage.put(`a/${size}`, ofSize(size), { signal });
      const { Versions = [] } = await admin.send(new ListObjectVersionsCommand({ Bucket: 'locked' }));
      const locked = Versions.filter(({ Key }) => Key?.includes('/a/'));
      // Nothing else is left behind, not even as an older version.
      expect(locked).toHaveLength(2);
      for (const { Key, VersionId } of locked) {
        const gone = admin.send(new DeleteObjectCommand({ Bucket: 'locked', Key, VersionId }));
        await expect(gone).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
      }
      // Removed all the same, it is out of sight only.
      await storage.remove('a/10');
      expect(await namesIn(storage)).toEqual(['a/9000000']);
      await storage.put('a/10', ofSize(10), { signal });
    });

    test('asks for encryption by the server where that was chosen', async () => {
      await using storage = open({ encryption: { kind: 'aws:kms', kmsKey: 'key-1' } });
      spoil(/^PUT/, 400);
      await expect(storage.put('a/x', ofSize(1), { signal })).rejects.toMatchObject({ code: 'storage-refused' });
      proxy.fault = () => null;
      expect(proxy.heard.at(-1)?.headers).toMatchObject({
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
      });
    });
  });

  describe('that cannot be used', () => {
    test.each([
      {
        why: 'there is no such bucket',
        over: { bucket: 'none' },
        code: 'storage-missing',
        message: /s3:\/\/none\/.* there is no bucket none/,
      },
      { why: 'the secret key is wrong', secret: 'CANARY-wrong', code: 'storage-refused', message: /SignatureDoesNotMatch/ },
      { why: 'nothing listens', over: { endpoint: 'http://127.0.0.1:1' }, code: 'storage-unreachable', message: /ECONNREFUSED/ },
    ])('says so when $why', async ({ over, secret, code, message }) => {
      const access = { ...keys(), ...(secret === undefined ? {} : { secretAccessKey: new Secret(secret) }) };
      await using storage = s3Storage(settings(over), { access, now: Date.now });
      const refusal = { code, message: expect.stringMatching(message), remedy: expect.any(String) };
      await expect(storage.put('a/x', ofSize(1), { signal })).rejects.toMatchObject(refusal);
      await expect(storage.get('a/x', { signal })).rejects.toMatchObject(refusal);
      await expect(namesIn(storage)).rejects.toMatchObject(refusal);
    });
  });

  describe('over a bad connection', () => {
    test.each<[string, number, RegExp, Fault[]]>([
      ['a small object survives 500, 503, a cut and a lost answer', 1000, /^PUT .*a\/x/, [500, 503, 'cut', 'lose']],
      ['a large object survives failing parts', 9_000_000, /partNumber=2/, [500, 'cut', 'lose', 'hang']],
      ['a large object whose completion’s answer is lost is there', 9_000_000, /^POST .*uploadId/, ['lose']],
    ])('%s', async (_, size, fits, faults) => {
      await using storage = open({}, 3000);
      spoil(fits, ...faults);
      const bytes = randomBytes(size);
      const stored = await storage.put('a/x', streamOf(bytes), { signal });
      expect(Buffer.compare(await bytesOf(await storage.get('a/x', { signal, expect: stored }), 1e9, 'x'), bytes)).toBe(0);
      expect(await namesIn(storage)).toEqual(['a/x']);
      expect(await uploads()).toEqual([]);
    });

    test('a server that goes on failing leaves no object and no upload', async () => {
      await using storage = open();
      for (const [size, fits] of [
        [100, /^PUT .*a\/x/],
        [9_000_000, /partNumber=2/],
        [9_000_000, /^POST .*uploadId/],
      ] as const) {
        proxy.fault = (line) => (fits.test(line) ? 500 : null);
        await expect(storage.put('a/x', ofSize(size), { signal })).rejects.toMatchObject({ code: 'storage-unreachable' });
        proxy.fault = () => null;
        expect(await namesIn(storage)).toEqual([]);
        expect(await uploads()).toEqual([]);
      }
    });

    test('a read goes on where it was cut, and never with another object’s bytes', async () => {
      await using storage = open();
      const bytes = randomBytes(3_000_000);
      await storage.put('a/x', streamOf(bytes), { signal });
      spoil(/^GET .*a\/x/, 'half', 'half', 503);
      expect(Buffer.compare(await bytesOf(await storage.get('a/x', { signal }), 1e9, 'x'), bytes)).toBe(0);
      proxy.fault = (line) => (line.startsWith('GET') ? 'half' : null);
      const reading = await storage.get('a/x', { signal });
      await storage.remove('a/x');
      await storage.put('a/x', ofSize(3_000_000), { signal });
      await expect(bytesOf(reading, 1e9, 'x')).rejects.toMatchObject({ code: expect.stringMatching(/^storage-|not-found/) });
      proxy.fault = () => null;
    });

    test('a source is read no faster than its parts go', async () => {
      await using storage = open();
      proxy.fault = (line) => (line.includes('partNumber') ? 'hang' : null);
      const cut = new AbortController();
      let given = 0;
      const before = proxy.heard.length;
      const endless = async function* (): AsyncGenerator<Uint8Array> {
        for (;;) {
          given += 1_000_000;
          yield Buffer.alloc(1_000_000);
        }
      };
      const writing = storage.put('a/x', endless(), { signal: cut.signal });
      await expect.poll(() => proxy.heard.slice(before).filter(({ line }) => line.includes('partNumber=2')).length).toBeGreaterThan(0);
      cut.abort(new Error('enough'));
      await expect(writing).rejects.toThrow('enough');
      expect(given).toBeLessThan(40_000_000);
      proxy.fault = () => null;
    });
  });

  test('is added, tried, used and looked at; no secret is in the database or in what is told', async () => {
    await using world = await World.start();
    const repo = world.addRepo('orchard');
    await addCommits(repo, [{ message: 'Begin', files: { a: 'a\n' } }]);
    const plan = await world.plan([world.addReader('ada')]);
    const wanted = { ...settings({ endpoint: server.endpoint }), kind: 's3' as const, accessKeyId: server.accessKeyId };
    const refused = world.call('storage.add', { name: 'bucket', settings: wanted, secret: 'CANARY-wrong' });
    await expect(refused).rejects.toMatchObject({ code: 'storage-refused' });
    const added = await world.call('storage.add', { name: 'bucket', settings: wanted, secret: server.secretAccessKey });
    expect(JSON.stringify(await world.call('storage.list', {}))).not.toContain('CANARY');
    expect(readFileSync(join(world.root, 'gitprotect.db')).includes('CANARY')).toBe(false);
    await world.call('storage.use', { id: added.id });
    expect((await world.run(plan)).state).toBe('succeeded');
    expect(await world.restore('orchard')).toMatchObject({ verified: true });
    await world.restart();
    expect((await world.call('agent.status', {})).storage).toMatchObject({ place: added.place, problem: null });
    const found = await world.call('agent.doctor', {});
    expect(found.filter(({ area, state }) => area === 'storage' && state !== 'ok')).toEqual([]);
    expect((await world.call('storage.test', { id: added.id })).map(({ state }) => state)).toEqual(Array(5).fill('ok'));
  });
});
