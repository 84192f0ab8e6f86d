import { AppError } from '@gitprotect/shared/errors';
import type { Session } from './cli/command.ts';
import type { Config, ConfigSecrets } from './config.ts';
import { systemClock } from './lib/clock.ts';
import { findHolder } from './lib/lock.ts';
import type { Log } from './lib/log.ts';

export interface SessionOptions {
  readonly config: Config;
  readonly secrets: ConfigSecrets;
  /** Opens at first use. */
  readonly log: () => Promise<Log>;
  readonly signal: AbortSignal;
}

/** How long a command waits for another one, or for an agent that is just starting, in milliseconds. */
const patience = 10_000;

/**
 * Reaches the agent that runs on this home; without one, does the work in this process under the same lock. Each way loads when it is gone: the
 * first needs a socket, the second the whole agent.
 */
export async function openSession(options: SessionOptions, need?: 'agent'): Promise<Session> {
  const { home } = options.config;
  for (const until = systemClock.now() + patience; ; await systemClock.sleep(100, options.signal)) {
    const holder = await findHolder(home);
    if (holder?.purpose === 'agent' && holder.port !== null) return remote(home, options.signal);
    if (need === 'agent' && holder?.purpose !== 'agent') {
      throw new AppError('agent-not-running', `no agent runs with ${home} as its folder`, { remedy: 'start it: gitprotect-agent start' });
    }
    try {
      return await (await import('./in-process.ts')).openInProcess(options);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'agent-running') || systemClock.now() > until) throw error;
    }
  }
}

async function remote(home: string, signal: AbortSignal): Promise<Session> {
  const { connectToAgent } = await import('./cli/connect.ts');
  const connection = await connectToAgent({ home, signal });
  return {
    mode: 'agent',
    call: connection.call,
    on: connection.on,
    closed: connection.closed,
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
