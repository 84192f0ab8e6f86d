import type { Message } from '@gitprotect/shared/protocol';
import { type AgentEvent, stripped } from './events.ts';

interface Item {
  readonly text: string;
  readonly sent?: () => void;
}

/** Events that wait as they are; with more, only the last state of each run waits. */
const mostEvents = 256;

/**
 * What one client is still to be sent, in order. A client that reads slowly costs a bounded amount of memory: replies are bounded by
 * the calls it may have open, and events are folded: the latest state of each run, and one `changed` that makes it ask again.
 */
export class Outbox {
  readonly #send: (text: string) => Promise<void>;
  readonly #replies: Item[] = [];
  #events: AgentEvent[] = [];
  #heartbeat = false;
  #sending = false;

  /** `send` resolves when the network has taken the text, or never will; the rest waits until then. It must not reject. */
  constructor(send: (text: string) => Promise<void>) {
    this.#send = send;
  }

  /** Resolves when the reply has left. */
  reply(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#replies.push({ text, sent: resolve });
    void this.#drain();
    return promise;
  }

  event(event: AgentEvent): void {
    this.#events.push(event);
    if (this.#events.length > mostEvents) this.#events = folded(this.#events);
    void this.#drain();
  }

  heartbeat(): void {
    this.#heartbeat = true;
    void this.#drain();
  }

  async #drain(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let item = this.#next(); item !== undefined; item = this.#next()) {
        await this.#send(item.text);
        item.sent?.();
      }
    } finally {
      this.#sending = false;
    }
  }

  #next(): Item | undefined {
    const reply = this.#replies.shift();
    if (reply !== undefined) return reply;
    const event = this.#events.shift();
    if (event !== undefined) return { text: JSON.stringify({ type: 'event', ...stripped(event) } satisfies Message) };
    const due = this.#heartbeat;
    this.#heartbeat = false;
    return due ? { text: JSON.stringify({ type: 'heartbeat' } satisfies Message) } : undefined;
  }
}

/** The latest state of each run, without its jobs, the latest of each restore and of a verification, and one `changed` for everything that is left out. */
function folded(waiting: readonly AgentEvent[]): AgentEvent[] {
  const latest = new Map<string, AgentEvent>();
  const what = new Set<Extract<AgentEvent, { name: 'changed' }>['body']['what'][number]>(['runs']);
  for (const event of waiting) {
    if (event.name === 'changed') for (const list of event.body.what) what.add(list);
    else if (event.name === 'restore.progress') latest.set(event.body.id, event);
    else if (event.name === 'verify.progress') latest.set(event.name, event);
    else latest.set(event.body.run.id, { name: 'run.progress', body: { run: event.body.run, job: null } });
  }
  return [...latest.values(), { name: 'changed', body: { what: [...what] } }];
}
