import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { bytesOf, streamOf } from './bytes.ts';
import type { Storage } from './storage.ts';

const signal = new AbortController().signal;

/** Names of everything in a storage, in order. */
export async function namesIn(storage: Storage, prefix = ''): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of storage.list(prefix)) names.push(name);
  return names.toSorted();
}

async function* pieces(...list: (Uint8Array | Error | (() => void))[]): AsyncGenerator<Uint8Array> {
  for (const piece of list) {
    if (piece instanceof Error) throw piece;
    if (typeof piece === 'function') piece();
    else yield piece;
  }
}

const read = async (storage: Storage, name: string): Promise<Buffer> => bytesOf(await storage.get(name, { signal }), 1e9, name);

/**
 * What `Storage` promises, as tests: call it inside a `describe` of every implementation. `fresh` gives an empty storage. `seals`: the
 * stored bytes are not the given ones. `large`: bytes of an object that does not go over in one piece.
 */
export function testStorage(
  fresh: () => Promise<Storage>,
  { seals = false, large = 9_000_000 }: { seals?: boolean; large?: number } = {},
): void {
  test('gives back what was put, and says its size and hash', async () => {
    await using storage = await fresh();
    for (const size of [0, 1, 65_536, 1_000_001]) {
      const bytes = randomBytes(size);
      const name = `servers/s/objects/of-${size}.age`;
      const stored = await storage.put(name, pieces(bytes.subarray(0, 7), bytes.subarray(7)), { signal });
      expect(await storage.stat(name)).toEqual({ name, bytes: stored.bytes });
      expect(await read(storage, name)).toEqual(bytes);
      const plain = { bytes: size, sha256: createHash('sha256').update(bytes).digest('hex') };
      expect(stored.sha256 === plain.sha256 && stored.bytes === plain.bytes).toBe(!seals);
    }
  });

  test('refuses a name that is taken and keeps the first object', async () => {
    await using storage = await fresh();
    await storage.put('a/x.age', streamOf('first'), { signal });
    await expect(storage.put('a/x.age', streamOf('second'), { signal })).rejects.toMatchObject({ code: 'storage-exists' });
    expect(String(await read(storage, 'a/x.age'))).toBe('first');
  });

  test('lets exactly one of many writers of a name win', async () => {
    await using storage = await fresh();
    const writers = Array.from({ length: 12 }, (_, writer) => storage.put('race/x.age', streamOf(`writer ${writer}`), { signal }));
    const ends = await Promise.allSettled(writers);
    const winner = ends.findIndex(({ status }) => status === 'fulfilled');
    const codes = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason.code);
    expect(codes).toEqual(Array.from({ length: 11 }, () => 'storage-exists'));
    expect(String(await read(storage, 'race/x.age'))).toBe(`writer ${winner}`);
    expect(await namesIn(storage)).toEqual(['race/x.age']);
  });

  test('writes a large object without holding it in memory, and lets one of several writers win', async () => {
    await using storage = await fresh();
    const piece = randomBytes(100_000);
    const hash = createHash('sha256');
    const count = Math.ceil(large / piece.length);
    for (let index = 0; index < count; index += 1) hash.update(piece);
    const writer = () => storage.put('large/x.age', pieces(...Array.from({ length: count }, () => piece)), { signal });
    const ends = await Promise.allSettled([writer(), writer(), writer()]);
    const won = ends.filter((end) => end.status === 'fulfilled').map(({ value }) => value);
    const lost = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason.code);
    expect(won).toHaveLength(1);
    expect(lost).toEqual(['storage-exists', 'storage-exists']);
    const back = createHash('sha256');
    for await (const part of await storage.get('large/x.age', { signal, expect: won[0] })) back.update(part);
    expect(back.digest('hex')).toBe(hash.digest('hex'));
    expect(await namesIn(storage)).toEqual(['large/x.age']);
  });

  test('leaves nothing of a large object whose source fails far along', async () => {
    await using storage = await fresh();
    const many = Array.from({ length: Math.ceil(large / 100_000) }, () => randomBytes(100_000));
    await expect(storage.put('a/x.age', pieces(...many, new Error('cut')), { signal })).rejects.toThrow('cut');
    expect(await namesIn(storage)).toEqual([]);
    await storage.put('a/x.age', streamOf('whole'), { signal });
  });

  test('shows a new object at once, and every one of many', async () => {
    await using storage = await fresh();
    const names = Array.from({ length: 25 }, (_, index) => `servers/s-${index % 3}/repos/${index}/${'long-name_'.repeat(5)}.${index}.age`);
    await Promise.all(names.map((name) => storage.put(name, streamOf(name), { signal })));
    expect(await namesIn(storage)).toEqual(names.toSorted());
  });

  test('leaves nothing behind when the source fails, and can be tried again', async () => {
    await using storage = await fresh();
    await expect(storage.put('a/x.age', pieces(randomBytes(200_000), new Error('cut')), { signal })).rejects.toThrow('cut');
    expect(await storage.stat('a/x.age')).toBeUndefined();
    expect(await namesIn(storage)).toEqual([]);
    await storage.put('a/x.age', streamOf('whole'), { signal });
    expect(await namesIn(storage)).toEqual(['a/x.age']);
  });

  test('leaves nothing behind when it is aborted, before, between and while the source stalls', async () => {
    await using storage = await fresh();
    const reason = new Error('enough');
    await expect(storage.put('a/x.age', streamOf('x'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const between = new AbortController();
    const source = pieces(randomBytes(100_000), () => between.abort(reason), randomBytes(100_000));
    await expect(storage.put('a/x.age', source, { signal: between.signal })).rejects.toBe(reason);
    const stalled = new AbortController();
    const stalls = async function* (): AsyncGenerator<Uint8Array> {
      yield randomBytes(100_000);
      setImmediate(() => stalled.abort(reason));
      await new Promise(() => {});
    };
    await expect(storage.put('a/x.age', stalls(), { signal: stalled.signal })).rejects.toBe(reason);
    expect(await namesIn(storage)).toEqual([]);
  });

  test('tells the source to stop when writing fails', async () => {
    await using storage = await fresh();
    const cut = new AbortController();
    let stopped = false;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield randomBytes(70_000);
          cut.abort(new Error('enough'));
        }
      } finally {
        stopped = true;
      }
    };
    await expect(storage.put('a/x.age', source(), { signal: cut.signal })).rejects.toThrow('enough');
    await expect.poll(() => stopped).toBe(true);
  });

  test('lists by prefix, also one that ends within a part', async () => {
    await using storage = await fresh();
    const names = ['a/1.age', 'a/2.age', 'a/b/3.age', 'ab/4.age', 'b.age'];
    for (const name of names) await storage.put(name, streamOf(name), { signal });
    expect(await namesIn(storage)).toEqual(names);
    expect(await namesIn(storage, 'a/')).toEqual(['a/1.age', 'a/2.age', 'a/b/3.age']);
    expect(await namesIn(storage, 'a')).toEqual(['a/1.age', 'a/2.age', 'a/b/3.age', 'ab/4.age']);
    expect(await namesIn(storage, 'a/b/3')).toEqual(['a/b/3.age']);
    expect(await namesIn(storage, 'c/d/')).toEqual([]);
    expect(await namesIn(storage, 'a/1.age/')).toEqual([]);
  });

  test('says of an object that is not there that it is not there', async () => {
    await using storage = await fresh();
    expect(await storage.stat('a/x.age')).toBeUndefined();
    await expect(storage.get('a/x.age', { signal })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('a/x.age'),
    });
    await expect(storage.remove('a/x.age')).resolves.toBeUndefined();
  });

  test('removes an object, whose name is then free again', async () => {
    await using storage = await fresh();
    await storage.put('a/x.age', streamOf('1'), { signal });
    await storage.remove('a/x.age');
    expect(await namesIn(storage)).toEqual([]);
    await storage.put('a/x.age', streamOf('2'), { signal });
    expect(String(await read(storage, 'a/x.age'))).toBe('2');
  });

  test('ends with storage-corrupt when other bytes were expected, and is silent when they are the ones', async () => {
    await using storage = await fresh();
    const stored = await storage.put('a/x.age', streamOf('bytes'), { signal });
    const readExpecting = async (expect: typeof stored): Promise<Buffer> =>
      bytesOf(await storage.get('a/x.age', { signal, expect }), 1e6, 'x');
    expect(String(await readExpecting(stored))).toBe('bytes');
    const corrupt = { code: 'storage-corrupt', message: expect.stringContaining('a/x.age') };
    await expect(readExpecting({ ...stored, sha256: '0'.repeat(64) })).rejects.toMatchObject(corrupt);
    await expect(readExpecting({ ...stored, bytes: stored.bytes + 1 })).rejects.toMatchObject(corrupt);
  });

  test('stops reading when it is aborted', async () => {
    await using storage = await fresh();
    await storage.put('a/x.age', streamOf(randomBytes(5_000_000)), { signal });
    const cut = new AbortController();
    const readOn = async (): Promise<void> => {
      for await (const piece of await storage.get('a/x.age', { signal: cut.signal })) {
        expect(piece.length).toBeLessThan(5_000_000);
        cut.abort(new Error('enough'));
      }
    };
    await expect(readOn()).rejects.toThrow('enough');
  });

  test('does not take a name that leads elsewhere', async () => {
    await using storage = await fresh();
    for (const name of ['', '/a', 'a/', 'a//b', '../a', 'a/../b', '.a', 'a\\b', 'a\0b', 'ä', 'nul', 'a/COM1.age', 'x'.repeat(81)]) {
      await expect(storage.put(name, streamOf('x'), { signal })).rejects.toMatchObject({ code: 'internal' });
    }
    expect(await namesIn(storage)).toEqual([]);
  });
}
