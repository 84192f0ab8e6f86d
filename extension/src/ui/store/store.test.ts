import { AppError } from '@gitprotect/shared/errors';
import type { Result } from '@gitprotect/shared/protocol';
import type { Run } from '@gitprotect/shared/run';
import { describe, expect, test, vi } from 'vitest';
import { scripted } from '../scripted-store.ts';

type Server = Result<'server.list'>[number];
const server = (id: string): Server => ({
  id,
  url: `https://${id}.example.com`,
  version: null,
  hasCa: false,
  addedAt: '2026-11-01T00:00:00.000Z',
});
const run = (more: Partial<Run> = {}): Run => ({
  id: 'r1',
  planId: 'n1',
  planName: 'Nightly',
  trigger: 'manual',
  state: 'running',
  startedAt: '2026-11-22T11:00:00.000Z',
  endedAt: null,
  repos: 2,
  counts: { saved: 0, unchanged: 0, skipped: 0, throttled: 0, failed: 0 },
  bytes: 0,
  requests: 0,
  credentials: [],
  problems: [],
  ...more,
});
const ids = (store: { servers: { current: unknown } }) => store.servers.current;

describe('a page’s store', () => {
  test('asks for nothing that nobody looks at', async () => {
    using page = scripted({ 'server.list': [] });
    page.push({ name: 'changed', body: { what: ['servers', 'plans', 'runs'] } });
    await page.store.refresh('servers');
    expect(page.calls).toEqual([]);
  });

  test('loads a list at the first look, and again when it changed', async () => {
    using page = scripted({ 'server.list': [server('a')] });
    expect(page.store.servers.current.state).toBe('loading');
    await vi.waitFor(() => expect(ids(page.store)).toMatchObject({ state: 'ready', value: [{ id: 'a' }] }));
    page.answer({ 'server.list': [server('a'), server('b')] });
    page.push({ name: 'changed', body: { what: ['servers'] } });
    await vi.waitFor(() => expect(ids(page.store)).toMatchObject({ value: [{ id: 'a' }, { id: 'b' }] }));
  });

  test('asks again what a server shows when its credentials changed, and after each connection', async () => {
    const shown = (...keys: string[]) => ({ 'project.available': keys.map((key) => ({ key, name: key, added: false })) });
    using page = scripted({ ...shown('ORCH'), 'credential.list': [] });
    const available = page.store.available('s1');
    expect(available.current.state).toBe('loading');
    await vi.waitFor(() => expect(available.known).toMatchObject({ value: [{ key: 'ORCH' }] }));
    page.answer(shown('ORCH', 'HARB'));
    page.push({ name: 'changed', body: { what: ['credentials'] } });
    await vi.waitFor(() => expect(available.known).toMatchObject({ value: [{ key: 'ORCH' }, { key: 'HARB' }] }));
    page.push({ name: 'connection', body: { state: 'offline', port: 7717, lastSeen: null } });
    page.answer(shown());
    page.push({ name: 'connection', body: { state: 'connected', port: 7717 } });
    await vi.waitFor(() => expect(available.known).toMatchObject({ value: [] }));
  });

  test('keeps the last good list beside the reason when asking again fails', async () => {
    using page = scripted({ 'server.list': [server('a')] });
    ids(page.store);
    await vi.waitFor(() => expect(page.store.servers.known.state).toBe('ready'));
    page.answer({ 'server.list': () => Promise.reject(new AppError('connection-lost', 'gone')) });
    await page.store.refresh('servers');
    expect(page.store.servers.known).toMatchObject({ state: 'ready', value: [{ id: 'a' }], refreshError: { message: 'gone' } });
  });

  test('says why a list never came', async () => {
    using page = scripted({ 'server.list': () => Promise.reject(new AppError('database-corrupt', 'broken', { remedy: 'restart' })) });
    ids(page.store);
    await vi.waitFor(() =>
      expect(page.store.servers.known).toEqual({
        state: 'failed',
        error: { code: 'database-corrupt', message: 'broken', remedy: 'restart' },
      }),
    );
  });

  test('waits while the agent is away, and asks for all that is shown once it is back', async () => {
    using page = scripted({ 'server.list': [server('a')] }, { state: 'offline', port: 7717, lastSeen: null });
    expect(page.store.servers.current.state).toBe('loading');
    expect(page.calls).toEqual([]);
    page.push({ name: 'connection', body: { state: 'connected', port: 7717 } });
    await vi.waitFor(() => expect(page.store.servers.known.state).toBe('ready'));
  });

  test('asks once more, not many times, for changes that come while it asks', async () => {
    const answers: PromiseWithResolvers<Server[]>[] = [];
    using page = scripted({
      'server.list': () => {
        const answer = Promise.withResolvers<Server[]>();
        answers.push(answer);
        return answer.promise;
      },
    });
    ids(page.store);
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    for (let times = 0; times < 5; times += 1) page.push({ name: 'changed', body: { what: ['servers'] } });
    answers[0]?.resolve([server('old')]);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.resolve([server('new')]);
    await vi.waitFor(() => expect(page.store.servers.known).toMatchObject({ value: [{ id: 'new' }] }));
    expect(answers).toHaveLength(2);
  });

  test('puts news of a run into the list at once', async () => {
    using page = scripted({ 'run.list': [run({ id: 'r0', state: 'succeeded' })] });
    void page.store.runs.current;
    await vi.waitFor(() => expect(page.store.runs.known.state).toBe('ready'));
    page.push({ name: 'run.progress', body: { run: run(), job: null } });
    page.push({ name: 'run.progress', body: { run: run({ bytes: 5 }), job: null } });
    expect(page.store.runs.known).toMatchObject({ value: [{ id: 'r1', bytes: 5 }, { id: 'r0' }] });
  });

  test('hears nothing after it was disposed', async () => {
    const page = scripted({ 'server.list': [] });
    ids(page.store);
    await vi.waitFor(() => expect(page.store.servers.known.state).toBe('ready'));
    page[Symbol.dispose]();
    page.push({ name: 'connection', body: { state: 'unpaired' } });
    expect(page.store.connection.value).toEqual({ state: 'connected', port: 7717 });
  });
});
