import { type EventBody, type EventName, events } from '@gitprotect/shared/protocol';
import * as v from 'valibot';

/** One event with its body. */
export type AgentEvent = { [E in EventName]: { readonly name: E; readonly body: EventBody<E> } }[EventName];
export type EventListener = (event: AgentEvent) => void;

/** Carries what happens in the agent to all who listen: sessions, and a command that runs in process. */
export class EventBus {
  readonly #listeners = new Set<EventListener>();

  /** Hears every event until the returned function is called. Listeners must not block or throw. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(event: AgentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** The event with only what its schema names. */
export function stripped(event: AgentEvent): { name: EventName; body: unknown } {
  return { name: event.name, body: v.parse(events[event.name], event.body) };
}
