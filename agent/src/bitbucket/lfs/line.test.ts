import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { AppError } from '@gitprotect/shared/errors';
import * as fc from 'fast-check';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { askBatch } from './batch.ts';
import { download } from './download.ts';
import { askLfs, type LfsLine } from './line.ts';
import { upload } from './upload.ts';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Reply = (seen: Seen, response: ServerResponse) => void;

const secret = 'canary-of-the-large-files';
const signal = new AbortController().signal;
const asked = { token: new Secret(secret), signal };
const content = 'a large file, in spirit\n';
const oid = createHash('sha256').update(content).digest('hex');
const object = { oid, bytes: content.length };

let bitbucket: Place;
let elsewhere: Place;
let dispatcher: Agent;
let line: LfsLine;

/** A web server that notes what it was asked, and answers as a test says. */
class Place {
  readonly seen: Seen[] = [];
  reply: Reply = (_, response) => response.end(content);
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<Place> {
    const place = new Place();
    await new Promise<void>((resolve) => place.#server.listen(0, '127.0.0.1', resolve));
    return place;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: await text(request) };
    this.seen.push(seen);
    this.reply(seen, response);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

beforeEach(async () => {
  [bitbucket, elsewhere] = [await Place.start(), await Place.start()];
  dispatcher = new Agent();
  line = { baseUrl: `${bitbucket.url}/context`, dispatcher, now: () => 0 };
});

afterEach(async () => {
  await dispatcher.destroy();
  await bitbucket.stop();
  await elsewhere.stop();
});

const get = async (url: string, headers: Record<string, string> = {}): Promise<string> =>
  (await askLfs(line, { method: 'GET', url, headers, ...asked })).body.text();
const authorizations = ({ seen }: Place) => seen.map(({ headers }) => headers.authorization);
const redirects =
  (to: (path: string) => string): Reply =>
  ({ path }, response) =>
    response.writeHead(302, { location: to(path) }).end();
const refuses =
  (status: number, headers: Record<string, string> = {}): Reply =>
  (_, response) =>
    response.writeHead(status, headers).end();

describe('the token', () => {
  test('goes to the server below its context path, and nowhere else', async () => {
    for (const url of [
      `${line.baseUrl}/storage/1`,
      `${bitbucket.url}/another/1`,
      `${bitbucket.url}/contextual/1`,
      `${elsewhere.url}/context/1`,
    ])
      await get(url);
    expect(authorizations(bitbucket)).toEqual([`Bearer ${secret}`, undefined, undefined]);
    expect(authorizations(elsewhere)).toEqual([undefined]);
    expect(JSON.stringify(elsewhere.seen)).not.toContain(secret);
  });

  test('stays away where the server gave the address an authorisation of its own, however it writes the name', async () => {
    for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) await get(`${line.baseUrl}/storage/1`, { [name]: 'JWT pass' });
    await get(`${elsewhere.url}/1`, { Authorization: 'JWT pass' });
    expect([...authorizations(bitbucket), ...authorizations(elsewhere)]).toEqual(Array.from({ length: 4 }, () => 'JWT pass'));
  });

  test('is never sent on: a redirect is an error where it was sent, or a pass was', async () => {
    bitbucket.reply = redirects((path) => elsewhere.url + path);
    await expect(get(`${line.baseUrl}/1`)).rejects.toMatchObject({ code: 'server-redirects' });
    await expect(get(`${line.baseUrl}/1`, { authorization: 'JWT pass' })).rejects.toMatchObject({ code: 'server-redirects' });
    expect(elsewhere.seen).toEqual([]);
  });

  test('does not come into it where an object store redirects: followed three times, without token also back to the server', async () => {
    elsewhere.reply = (seen, response) =>
      (seen.path === '/3' ? redirects(() => `${line.baseUrl}/here`) : redirects((path) => `/${Number(path.slice(1)) + 1}`))(seen, response);
    expect(await get(`${elsewhere.url}/1`)).toBe(content);
    expect(authorizations(bitbucket)).toEqual([undefined]);
    await expect(get(`${elsewhere.url}/0`)).rejects.toMatchObject({ code: 'server-redirects' });
  });
});

describe('a refusal', () => {
  test('speaks of the token only where it was sent', async () => {
    const codes: unknown[][] = [];
    for (const status of [401, 403, 429]) {
      bitbucket.reply = elsewhere.reply = refuses(status, { 'retry-after': '7' });
      const calls = [get(`${line.baseUrl}/1`), get(`${line.baseUrl}/1`, { authorization: 'JWT pass' }), get(`${elsewhere.url}/1`)];
      codes.push((await Promise.allSettled(calls)).map((one) => one.status === 'rejected' && one.reason.code));
    }
    expect(codes).toEqual([
      ['token-rejected', 'server-bad-answer', 'server-bad-answer'],
      ['token-rejected', 'server-bad-answer', 'server-bad-answer'],
      ['throttled', 'throttled', 'server-busy'],
    ]);
  });

  test('elsewhere names the place and what to do, and keeps how long to wait', async () => {
    elsewhere.reply = refuses(401);
    const { host } = new URL(elsewhere.url);
    await expect(get(`${elsewhere.url}/1`)).rejects.toMatchObject({
      message: expect.stringContaining(host),
      remedy: expect.stringContaining('add the server'),
    });
    elsewhere.reply = refuses(429, { 'retry-after': '7' });
    await expect(get(`${elsewhere.url}/1`)).rejects.toMatchObject({ facts: { retryAfterSeconds: 7 } });
  });
});

describe('an address the server gives', () => {
  test('may bring headers of the connection: they are left out, and the others sent', async () => {
    const headers = { 'Transfer-Encoding': 'chunked', Connection: 'close', Host: 'other', 'X-Signature': 'of the store' };
    expect(await get(`${elsewhere.url}/1`, headers)).toBe(content);
    expect(elsewhere.seen[0]?.headers).toMatchObject({ 'x-signature': 'of the store', host: new URL(elsewhere.url).host });
  });

  test('that is no web address is refused', async () => {
    await expect(get('ftp://127.0.0.1/1')).rejects.toMatchObject({ code: 'server-refused', message: expect.stringContaining('ftp:') });
  });
});

describe('a download', () => {
  const read = async (): Promise<string> => {
    let received = '';
    for await (const chunk of download(line, object, { href: `${line.baseUrl}/1`, header: {} }, asked))
      received += Buffer.from(chunk).toString();
    return received;
  };

  test('gives the bytes that its name says', async () => {
    expect(await read()).toBe(content);
  });

  test('throws at its end where they are others, or fewer, or the connection broke', async () => {
    bitbucket.reply = (_, response) => response.end(content.toUpperCase());
    await expect(read()).rejects.toMatchObject({ code: 'server-bad-answer', message: expect.stringContaining('other bytes') });
    bitbucket.reply = (_, response) => response.end(content.slice(5));
    await expect(read()).rejects.toMatchObject({
      code: 'server-bad-answer',
      message: expect.stringContaining(`${content.length - 5} bytes`),
    });
    bitbucket.reply = (_, response) => response.writeHead(200, { 'content-length': content.length }).write('a', () => response.destroy());
    await expect(read()).rejects.toMatchObject({ code: 'server-unreachable' });
  });
});

describe('an upload', () => {
  const open = async function* () {
    yield Buffer.from(content);
  };
  const actions = () => ({
    upload: {
      href: `${elsewhere.url}/put`,
      header: { 'Content-Length': '1', 'Content-Type': 'text/x-large', 'Transfer-Encoding': 'chunked' },
    },
    verify: { href: `${line.baseUrl}/verify`, header: {} },
  });

  test('streams the bytes with their length, then says so where the server asks for it', async () => {
    await upload(line, { ...object, actions: actions(), error: null }, open, asked);
    expect(elsewhere.seen).toMatchObject([
      { method: 'PUT', body: content, headers: { 'content-length': String(content.length), 'content-type': 'text/x-large' } },
    ]);
    expect(bitbucket.seen).toMatchObject([{ method: 'POST', path: '/context/verify' }]);
    expect(JSON.parse(bitbucket.seen[0]?.body ?? '')).toEqual({ oid, size: content.length });
    expect(JSON.stringify(elsewhere.seen)).not.toContain(secret);
  });

  test('asks for nothing where the server has the object', async () => {
    await upload(line, { ...object, actions: {}, error: null }, open, asked);
    expect([...bitbucket.seen, ...elsewhere.seen]).toEqual([]);
  });

  test('fails with the error of what it reads from', async () => {
    const broken = async function* () {
      yield Buffer.from('a');
      throw new AppError('storage-corrupt', 'the object is damaged');
    };
    await expect(upload(line, { ...object, actions: actions(), error: null }, broken, asked)).rejects.toMatchObject({
      code: 'storage-corrupt',
    });
  });
});

describe('a batch', () => {
  const ask = async () =>
    askBatch(line, { repo: { projectKey: 'APP', slug: 'media' }, operation: 'download', objects: [object], ...asked });
  const answer = (body: unknown): void => {
    bitbucket.reply = (_, response) => response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const good = {
    transfer: 'basic',
    objects: [{ oid, size: content.length, actions: { download: { href: 'https://store/1', header: { a: 'b' } } } }],
  };

  test('is asked as git-lfs asks, and says where an object is', async () => {
    answer(good);
    expect(await ask()).toEqual([{ ...object, error: null, actions: { download: { href: 'https://store/1', header: { a: 'b' } } } }]);
    const [seen] = bitbucket.seen;
    expect(seen).toMatchObject({
      path: '/context/scm/app/media.git/info/lfs/objects/batch',
      headers: { accept: 'application/vnd.git-lfs+json', 'content-type': 'application/vnd.git-lfs+json' },
    });
    expect(JSON.parse(seen?.body ?? '')).toMatchObject({ operation: 'download', objects: [{ oid, size: content.length }] });
  });

  test('gives the reason where the server has none, names none, or says nothing of the object', async () => {
    const said: unknown[] = [];
    for (const objects of [[{ oid, error: { code: 404, message: 'Object does not exist' } }], [{ oid, error: { code: 410 } }], []]) {
      answer({ objects });
      said.push((await ask())[0]?.error);
    }
    expect(said).toEqual(['Object does not exist', 'error 410', 'the server says nothing of it']);
  });

  test('never breaks on an answer with other, fewer or wrong fields', async () => {
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom(null, '', -1, [], {}, 'not a url', [null], { href: 5 }));
    /** The same answer, with the value at some place replaced or taken away. */
    const mutated = fc.tuple(fc.nat(), fc.option(values, { nil: undefined })).map(([at, instead]) => {
      let place = 0;
      const wanted = at % 12;
      return JSON.stringify(good, (_, value: unknown) => (place++ === wanted ? instead : value)) ?? '';
    });
    await fc.assert(
      fc.asyncProperty(mutated, async (body) => {
        answer(body);
        const outcome = await ask().then(
          ([one]) => (one?.oid === oid && one.bytes === content.length ? 'understood' : 'mixed up'),
          (error: unknown) => (error instanceof AppError ? error.code : 'broke'),
        );
        expect(['understood', 'server-bad-answer']).toContain(outcome);
      }),
      { numRuns: 300 },
    );
  });
});
