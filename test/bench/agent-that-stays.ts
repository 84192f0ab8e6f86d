import { setTimeout as sleep } from 'node:timers/promises';
import { connectToAgent } from '@gitprotect/agent/cli/connect';
import type { RunDetail } from '@gitprotect/shared/run';
import { startAgent } from '../command-line.ts';

/** An agent in a process of its own, as it runs on a server. */
export interface AgentThatStays extends AsyncDisposable {
  /** Starts the one plan, and resolves when its run and the upkeep after it have ended. Nobody listens meanwhile, as at night. */
  run(): Promise<RunDetail>;
}

/** How often it is asked whether a run has ended, in milliseconds: each question costs it some work. */
const pause = 1000;

export async function startAgentThatStays(home: string): Promise<AgentThatStays> {
  const agent = await startAgent(home, [], { env: { GITPROTECT_VAULT: 'key-file', HOME: '/nonexistent' } });
  return {
    run: async () => {
      const id = await startOn(home);
      for (;;) {
        await sleep(pause);
        await using session = await connectToAgent({ home });
        const run = await session.call('run.get', { id });
        if (run.state === 'running') continue;
        await session.call('upkeep.run', {});
        return run;
      }
    },
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

async function startOn(home: string): Promise<string> {
  await using session = await connectToAgent({ home });
  const [plan] = await session.call('plan.list', {});
  if (plan === undefined) throw new Error('there is no plan');
  return (await session.call('run.start', { planId: plan.id })).id;
}
