import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@gitprotect/shared/errors';
import fc from 'fast-check';
import { Agent } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { askBatch } from './batch.ts';

let answer = '';
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/vnd.git-lfs+json' }).end(answer);
});
const dispatcher = new Agent();
let baseUrl = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await dispatcher.close();
  server.close();
});

const objects = ['a', 'b'].map((digit, index) => ({ oid: digit.repeat(64), bytes: index + 1 }));

async function ask(text: string) {
  answer = text;
  return askBatch(
    { baseUrl, dispatcher, now: () => 0 },
    {
      repo: { projectKey: 'APP', slug: 'shop' },
      operation: 'download',
      objects,
      token: new Secret('token'),
      signal: new AbortController().signal,
    },
  );
}

const good = {
  transfer: 'basic',
  objects: objects.map(({ oid, bytes }) => ({ oid, size: bytes, actions: { download: { href: `https://objects.example.com/${oid}` } } })),
};

test('each object is answered for, in the order of the question, also where the server says nothing of it', async () => {
  const [first, second] = await ask(JSON.stringify({ objects: [good.objects[1]] }));
  expect(first).toMatchObject({ oid: objects[0]?.oid, actions: {}, error: 'the server says nothing of it' });
  expect(second).toMatchObject({ oid: objects[1]?.oid, actions: { download: { header: {} } }, error: null });
});

test('the server’s own words for an object are its error', async () => {
  const lost = { oid: objects[0]?.oid, error: { code: 404, message: 'Object does not exist' } };
  const wordless = { oid: objects[1]?.oid, error: { code: 410 } };
  expect((await ask(JSON.stringify({ objects: [lost, wordless] }))).map(({ error }) => error)).toEqual([
    'Object does not exist',
    'error 410',
  ]);
});

test('an answer with anything wrong in it is read, or said to be none: nothing else comes of it', async () => {
  const text = JSON.stringify(good);
  const mutation = fc.record({ at: fc.nat({ max: text.length - 1 }), drop: fc.nat({ max: 20 }), put: fc.string({ maxLength: 5 }) });
  await fc.assert(
    fc.asyncProperty(mutation, async ({ at, drop, put }) => {
      const outcome = await ask(text.slice(0, at) + put + text.slice(at + drop)).then(
        (read) => read.map(({ oid }) => oid).join(' '),
        (error: unknown) => (error instanceof AppError ? error.code : 'another error'),
      );
      expect([objects.map(({ oid }) => oid).join(' '), 'server-bad-answer']).toContain(outcome);
    }),
    { numRuns: 200 },
  );
});
