import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addCommits } from './history.ts';
import type { Repo, Token } from './model.ts';
import { git } from './repository.ts';
import { Simulator } from './simulator.ts';

let simulator: Simulator;
let repo: Repo;
let token: Token;
let whole: Buffer;

const packet = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text;
const lsRefs = `${packet('command=ls-refs\n')}0001${packet('ref-prefix refs/\n')}0000`;

beforeAll(async () => {
  simulator = await Simulator.start();
});

afterAll(() => simulator[Symbol.asyncDispose]());

beforeEach(async () => {
  simulator.reset();
  const { state } = simulator;
  const user = state.addUser({ name: 'alice' });
  repo = state.addRepo({ project: state.addProject({ key: 'APP' }), name: 'shop' });
  state.grant(user, 'REPO_READ', repo);
  token = state.addToken({ user, name: 'canary', permissions: ['REPO_READ'] });
  await addCommits(repo, [{ files: { 'README.md': 'hello\n', noise: Buffer.from(createHash('sha512').update('noise').digest()) } }]);
  whole = Buffer.from(await (await post(lsRefs)).arrayBuffer());
});

const tip = async (): Promise<string> => (await git(repo.folder, ['rev-parse', 'refs/heads/main'])).trim();
const fetchAll = (oid: string): string =>
  `${packet('command=fetch')}0001${packet('no-progress')}${packet(`want ${oid}\n`)}${packet('done\n')}0000`;
const authorization = (): string => `Bearer ${token.secret}`;

/** One smart-HTTP request, as an engine that trusts no git client would send it. */
function post(body: string, more: RequestInit = {}): Promise<Response> {
  return fetch(`${simulator.url}/scm/app/shop.git/git-upload-pack`, {
    method: 'POST',
    body,
    headers: { authorization: authorization(), 'git-protocol': 'version=2', 'content-type': 'application/x-git-upload-pack-request' },
    ...more,
  });
}

const rest = (path = '/rest/api/latest/projects'): Promise<Response> =>
  fetch(simulator.url + path, { headers: { authorization: authorization() }, redirect: 'manual' });

describe('a fault', () => {
  test('hits the requests it describes and no others', async () => {
    const fault = simulator.faults.add({ kind: 'unavailable', retryAfter: 7 }, { path: /projects$/, nth: 2, times: 1 });
    const statuses = [];
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await rest()).status);
    expect(statuses).toEqual([200, 503, 200, 200]);
    expect(fault.hits).toBe(1);
    expect((await rest('/status')).status).toBe(200);
  });

  test('throttles with and without Retry-After', async () => {
    const fault = simulator.faults.add({ kind: 'throttle', retryAfter: 3 });
    expect((await rest()).headers.get('retry-after')).toBe('3');
    fault.remove();
    simulator.faults.add({ kind: 'throttle' });
    const answer = await rest();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, null]);
  });

  test('resets the connection', async () => {
    simulator.faults.add({ kind: 'reset' });
    await expect(rest()).rejects.toThrow('fetch failed');
  });

  test('cuts the body at the byte it names', async () => {
    simulator.faults.add({ kind: 'cut', at: 40 }, { git: 'ls-refs' });
    const answer = await post(lsRefs);
    const received: Uint8Array[] = [];
    const read = async () => {
      for await (const chunk of answer.body ?? []) received.push(chunk);
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(Buffer.concat(received)).toEqual(whole.subarray(0, 40));
  });

  test('ends HTTP properly after a part of the body', async () => {
    simulator.faults.add({ kind: 'truncate', at: 40 }, { git: 'ls-refs' });
    const answer = await post(lsRefs);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(whole.subarray(0, 40));
  });

  test('ends the packet stream properly too, when asked to', async () => {
    simulator.faults.add({ kind: 'truncate', at: 20, flush: true }, { git: 'fetch' });
    const answer = await (await post(fetchAll(await tip()))).text();
    expect(answer.endsWith('0000')).toBe(true);
    expect(answer).not.toContain('PACK');
  });

  test('turns one bit', async () => {
    simulator.faults.add({ kind: 'flip', at: 30 }, { git: 'ls-refs' });
    const answer = Buffer.from(await (await post(lsRefs)).arrayBuffer());
    expect(answer.length).toBe(whole.length);
    expect(answer.findIndex((byte, index) => byte !== whole[index])).toBe(30);
  });

  test('stalls with the socket open', async () => {
    simulator.faults.add({ kind: 'stall', at: 20 }, { git: 'ls-refs' });
    const answer = await post(lsRefs);
    const reader = answer.body?.getReader();
    let received = 0;
    while (received < 20) received += (await reader?.read())?.value?.length ?? 0;
    const silence = new Promise((resolve) => setTimeout(resolve, 150, 'silent'));
    expect(received).toBe(20);
    expect(await Promise.race([reader?.read(), silence])).toBe('silent');
    await reader?.cancel();
  });

  test('answers 200 with nothing, or with a login page', async () => {
    const empty = simulator.faults.add({ kind: 'empty' });
    const nothing = await post(lsRefs);
    expect([nothing.status, nothing.headers.get('content-type'), await nothing.text()]).toEqual([
      200,
      'application/x-git-upload-pack-result',
      '',
    ]);
    empty.remove();
    simulator.faults.add({ kind: 'login-page' });
    expect((await rest()).headers.get('content-type')).toContain('text/html');
  });

  test('redirects to another server', async () => {
    simulator.faults.add({ kind: 'redirect', to: 'http://127.0.0.1:9/' });
    const answer = await rest('/rest/api/latest/projects?limit=1');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'http://127.0.0.1:9/rest/api/latest/projects?limit=1']);
  });

  test('changes the content type and nothing else', async () => {
    simulator.faults.add({ kind: 'content-type', type: 'text/plain' });
    const answer = await post(lsRefs);
    expect([answer.headers.get('content-type'), (await answer.text()).endsWith('0000')]).toEqual(['text/plain', true]);
  });

  test('revokes the token before a request, or once bytes are out', async () => {
    const fault = simulator.faults.add({ kind: 'revoke', afterBytes: 20 }, { git: 'ls-refs' });
    expect(Buffer.from(await (await post(lsRefs)).arrayBuffer())).toEqual(whole);
    expect((await rest()).status).toBe(401);
    fault.remove();
    simulator.state.tokens.push(token);
    simulator.faults.add({ kind: 'revoke' }, { nth: 2 });
    expect([(await rest()).status, (await rest()).status]).toEqual([200, 401]);
  });

  test('runs between a ref listing and the next request', async () => {
    simulator.faults.add(
      {
        kind: 'after-listing',
        run: async ({ folder }) => {
          await addCommits(repo, [{ files: { 'README.md': 'rewritten\n' }, orphan: true }]);
          await git(folder, ['gc', '--quiet', '--prune=now']);
        },
      },
      { git: 'ls-refs', times: 1 },
    );
    const old = await tip();
    expect(await (await post(lsRefs)).text()).toContain(old);
    expect(await (await post(fetchAll(old))).text()).toContain('not our ref');
    expect(await (await post(lsRefs)).text()).not.toContain(old);
  });

  test('leaves protocol v2 out', async () => {
    simulator.faults.add({ kind: 'no-v2' });
    const answer = await fetch(`${simulator.url}/scm/app/shop.git/info/refs?service=git-upload-pack`, {
      headers: { authorization: authorization(), 'git-protocol': 'version=2' },
    });
    const text = await answer.text();
    expect(text).toContain('# service=git-upload-pack');
    expect(text).not.toContain('version 2');
  });

  test('refuses a POST that no GET came before', async () => {
    simulator.faults.add({ kind: 'get-first' });
    expect((await post(lsRefs)).status).toBe(400);
    await rest('/scm/app/shop.git/info/refs?service=git-upload-pack');
    expect((await post(lsRefs)).status).toBe(200);
  });
});
