import { compact } from '@gitprotect/agent/backup/compact/compact';
import { faulty } from '../format/faulty.ts';
import { movingClock } from '../moving-clock.ts';
import { openAgent } from '../agent-parts.ts';

/*
 * An agent that compacts and kills itself at a step of its storage, as a power cut does.
 * Arguments: its home, that step, and what time it is. Prints how many steps there were when it lives that long.
 */
const [home = '', dieAt = '', now = ''] = process.argv.slice(2);
const faults = {
  steps: 0,
  dieAt: Infinity,
  die: (): never => {
    process.kill(process.pid, 'SIGKILL');
    throw new Error('still alive');
  },
};

await using app = await openAgent(home, { clock: movingClock(Number(now)), decorateStorage: (storage) => faulty(storage, faults) });
const { signal } = new AbortController();
const place = await app.place(signal);
Object.assign(faults, { steps: 0, dieAt: Number(dieAt) });
await compact({ ...app, place: { ...place, storage: place.plain } }, { again: true }, signal);
process.stdout.write(String(faults.steps));
