import { movingClock } from '../moving-clock.ts';
import { faulty } from '../format/faulty.ts';
import { openAgent, runToEnd } from '../agent-parts.ts';

/*
 * An agent that runs a plan and kills itself, as a power cut does: no handler runs, nothing is flushed.
 * Arguments: its home, the plan's id, the step of its storage at which it dies, and what time it is.
 * Prints how the run ended when it lives that long.
 */
const [home = '', planId = '', dieAt = '', now = ''] = process.argv.slice(2);
const faults = {
  steps: 0,
  dieAt: Number(dieAt),
  die: (): never => {
    process.kill(process.pid, 'SIGKILL');
    throw new Error('still alive');
  },
};

await using app = await openAgent(home, { clock: movingClock(Number(now)), decorateStorage: (storage) => faulty(storage, faults) });
process.stdout.write((await app.runs.detail(await runToEnd(app, planId))).state);
