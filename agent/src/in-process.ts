import type { EventBody, EventName } from '@gitprotect/shared/protocol';
import { openApp } from './app.ts';
import { inProcess } from './channel/dispatch.ts';
import type { Session } from './cli/command.ts';
import { handlersOf } from './handlers-of.ts';
import { systemClock } from './lib/clock.ts';
import { takeLock } from './lib/lock.ts';
import type { SessionOptions } from './session.ts';

/** Builds the agent's parts in this process, for one command. @throws AppError `agent-running` when another process holds the home's lock */
export async function openInProcess({ config, secrets, log, signal }: SessionOptions): Promise<Session> {
  await using stack = new AsyncDisposableStack();
  stack.use(await takeLock(config.home, { purpose: 'command', clock: systemClock }));
  const app = stack.use(await openApp({ config, secrets, log: await log() }));
  const call = inProcess(handlersOf(app, { port: () => null, stop: () => undefined, signal }));
  const owned = stack.move();
  return {
    mode: 'in-process',
    call,
    closed: new Promise(() => undefined),
    on: <E extends EventName>(name: E, listener: (body: EventBody<E>) => void) =>
      app.events.subscribe((event) => {
        if (event.name === name) listener(event.body);
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
