import type { Run } from '@gitprotect/shared/run';
import { describe, expect, test } from 'vitest';
import type { AgentEvent } from './events.ts';
import { Outbox } from './outbox.ts';

const run = (id: string, saved: number): Run => ({
  id,
  planId: 'p',
  planName: 'nightly',
  trigger: 'manual',
  state: 'running',
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  repos: 10_000,
  counts: { saved, unchanged: 0, skipped: 0, throttled: 0, failed: 0 },
  bytes: 0,
  requests: 0,
  credentials: [],
  problems: [],
});
const progress = (id: string, saved: number): AgentEvent => ({ name: 'run.progress', body: { run: run(id, saved), job: null } });

/** A client that takes a text only when told to. */
function slowClient() {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  const outbox = new Outbox((text) => {
    taken.push(text);
    return new Promise((resolve) => waiting.push(resolve));
  });
  const readAll = async () => {
    for (let take = waiting.shift(); take !== undefined; take = waiting.shift()) {
      take();
      await new Promise(setImmediate);
    }
    return taken.map((text) => JSON.parse(text));
  };
  return { outbox, readAll, taken };
}

describe('the outbox', () => {
  test('keeps the order of events for a client that keeps up', async () => {
    const { outbox, readAll } = slowClient();
    for (let saved = 0; saved < 200; saved += 1) outbox.event(progress('r', saved));
    expect((await readAll()).map(({ body }) => body.run.counts.saved)).toEqual(Array.from({ length: 200 }, (_, at) => at));
  });

  test('tells a slow client the last state of each run and what to ask again, not every step', async () => {
    const { outbox, readAll, taken } = slowClient();
    for (let saved = 0; saved < 10_000; saved += 1) outbox.event(progress(saved % 2 === 0 ? 'even' : 'odd', saved));
    outbox.event({ name: 'changed', body: { what: ['plans'] } });
    expect(taken).toHaveLength(1);
    const heard = await readAll();
    expect(heard.length).toBeLessThan(300);
    const last = (id: string) => heard.findLast(({ name, body }) => name === 'run.progress' && body.run.id === id).body.run.counts.saved;
    expect([last('even'), last('odd')]).toEqual([9998, 9999]);
    expect(new Set(heard.flatMap(({ body }) => body.what ?? []))).toEqual(new Set(['runs', 'plans']));
  });

  test('sends answers before events, and says when an answer has left', async () => {
    const { outbox, readAll, taken } = slowClient();
    outbox.event(progress('r', 1));
    outbox.event(progress('r', 2));
    let left = false;
    const sent = outbox.reply('{"type":"result"}').then(() => (left = true));
    await new Promise(setImmediate);
    expect([taken.length, left]).toEqual([1, false]);
    expect((await readAll()).map(({ type }) => type)).toEqual(['event', 'result', 'event']);
    await sent;
  });

  test('strips an event of what its schema does not name', async () => {
    const { outbox, readAll } = slowClient();
    const body = { what: ['status'], token: 'CANARY' } as unknown as Extract<AgentEvent, { name: 'changed' }>['body'];
    outbox.event({ name: 'changed', body });
    expect(JSON.stringify(await readAll())).not.toContain('CANARY');
  });
});
