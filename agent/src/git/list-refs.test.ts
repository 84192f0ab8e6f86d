import { AppError } from '@gitprotect/shared/errors';
import { describe, expect, test } from 'vitest';
import { listRefs } from './list-refs.ts';
import { encodePacket, flushPacket } from './pkt-line.ts';
import type { GitAnswer, GitTransport } from './transport.ts';

const a = 'a'.repeat(40);
const b = 'b'.repeat(64);
const body = (...lines: string[]): Buffer => Buffer.concat([...lines.map((line) => encodePacket(line)), flushPacket]);
const { signal } = new AbortController();

const refs = body(`${a} HEAD symref-target:refs/heads/main`, `${a} refs/heads/main`);
const wide = body(`${b} refs/heads/main`);
const version2 = (format: string): Buffer =>
  Buffer.concat([body('# service=git-upload-pack\n'), body('version 2\n', 'ls-refs=unborn\n', `object-format=${format}\n`)]);
const version0 = Buffer.concat([body('# service=git-upload-pack\n'), body(`${a} refs/heads/main\0 side-band-64k object-format=sha1`)]);

/** Answers POSTs and GETs from these lists, one after another; an error is thrown. */
function server(posts: (Buffer | AppError)[], gets: (Buffer | AppError)[] = []): GitTransport & { asked: string[] } {
  const asked: string[] = [];
  const answer = async (method: string, list: (Buffer | AppError)[]): Promise<GitAnswer> => {
    asked.push(method);
    const next = list.shift();
    if (next instanceof Buffer)
      return {
        status: 200,
        headers: {},
        body: (async function* () {
          yield next;
        })(),
      };
    throw next ?? new Error('not expected');
  };
  return { url: 'https://git.example/a.git', asked, get: async () => answer('GET', gets), post: async () => answer('POST', posts) };
}

describe('listing refs', () => {
  test('takes one POST from a server that allows it', async () => {
    const to = server([refs]);
    expect(await listRefs(to, { signal })).toMatchObject({
      unchanged: false,
      requests: 1,
      bytes: refs.length,
      dialect: 'post',
      head: { oid: a },
    });
    expect(to.asked).toEqual(['POST']);
  });

  test('does not read an answer it knows already', async () => {
    const { bodyHash } = await listRefs(server([refs]), { signal });
    expect(await listRefs(server([refs]), { signal, expect: bodyHash })).toEqual({
      unchanged: true,
      bodyHash,
      bytes: refs.length,
      requests: 1,
      dialect: 'post',
    });
    expect(await listRefs(server([body()]), { signal, expect: bodyHash })).toMatchObject({ unchanged: false });
  });

  test.each([
    ['nothing at all', Buffer.alloc(0)],
    ['half a list', refs.subarray(0, 60)],
    ['a web page', new AppError('server-bad-answer', 'a web page')],
    ['a failure', new AppError('server-error', 'HTTP 500')],
  ])('asks with a GET first when the bare POST gives %s', async (_what, bare) => {
    const to = server([bare, refs], [version2('sha1')]);
    expect(await listRefs(to, { signal })).toMatchObject({
      requests: 3,
      dialect: 'get-post',
      refs: new Map([['refs/heads/main', { oid: a }]]),
    });
    expect(to.asked).toEqual(['POST', 'GET', 'POST']);
  });

  test('falls back to the list of an old server, and goes there at once the next time', async () => {
    const refused = new AppError('server-bad-answer', 'HTTP 415');
    expect(await listRefs(server([refused], [version0]), { signal })).toMatchObject({
      dialect: 'v0',
      requests: 2,
      refs: new Map([['refs/heads/main', { oid: a }]]),
    });
    const again = server([], [version0]);
    expect(await listRefs(again, { signal, dialect: 'v0' })).toMatchObject({ dialect: 'v0', requests: 1 });
  });

  test('finds out that a repo uses SHA-256, without taking the server for one that needs a GET', async () => {
    const to = server([Buffer.alloc(0), wide], [version2('sha256')]);
    expect(await listRefs(to, { signal })).toMatchObject({ objectFormat: 'sha256', dialect: 'post', requests: 3 });
    expect(await listRefs(server([wide]), { signal, objectFormat: 'sha256' })).toMatchObject({ requests: 1, objectFormat: 'sha256' });
  });

  test('never takes silence for emptiness', async () => {
    const silence = Buffer.alloc(0);
    await expect(listRefs(server([silence, silence], [version2('sha1')]), { signal })).rejects.toMatchObject({ code: 'git-cut-stream' });
    await expect(listRefs(server([silence], [silence]), { signal })).rejects.toMatchObject({ code: 'git-cut-stream' });
    await expect(listRefs(server([], [silence]), { signal, dialect: 'v0' })).rejects.toMatchObject({ code: 'git-cut-stream' });
  });

  test.each(['token-rejected', 'throttled', 'repo-not-found', 'server-busy', 'server-redirects', 'server-unreachable'] as const)(
    'does not ask again after %s',
    async (code) => {
      const to = server([new AppError(code, 'no')]);
      await expect(listRefs(to, { signal })).rejects.toMatchObject({ code });
      expect(to.asked).toEqual(['POST']);
    },
  );
});
