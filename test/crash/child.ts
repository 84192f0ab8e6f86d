import { statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { movingClock } from '../moving-clock.ts';
import { faulty, type Faults } from '../format/faulty.ts';
import { openAgent, runToEnd } from '../agent-parts.ts';
import { notDone, wholeUpkeep } from '../whole-upkeep.ts';

/*
 * An agent that runs a plan and kills itself, as a power cut does: no handler runs, nothing is flushed.
 * Arguments: its home, the plan's id, the step of its storages at which it dies, what time it is, and `upkeep` when it is to look after the storage as well:
 * merge, prune, verify, drill, copy; steps that only read then count where the database was written since the one before. It then says `open` when it begins, each of its steps, what upkeep could not do, and at how many steps it could have died.
 * In the last line how the run ended, when it lives that long.
 */
const [home = '', planId = '', dieAt = '', now = '', more = ''] = process.argv.slice(2);
const upkeep = more === 'upkeep';
const say = (line: string): void => void writeSync(1, line);
const faults: Faults = {
  steps: 0,
  dieAt: Number(dieAt),
  die: (): never => {
    process.kill(process.pid, 'SIGKILL');
    throw new Error('still alive');
  },
  ...(upkeep ? { onStep: (step: string) => say(`${step}\n`), countsReading: databaseChanged() } : {}),
};

/** Whether the database was written since it was asked last: dying while reading then leaves something else behind. */
function databaseChanged(): () => boolean {
  let before = '';
  return () => {
    const { mtimeNs, size } = statSync(join(home, 'gitprotect.db-wal'), { bigint: true });
    const now = `${mtimeNs} ${size}`;
    const changed = now !== before;
    before = now;
    return changed;
  };
}

if (upkeep) say('open\n');
await using app = await openAgent(home, { clock: movingClock(Number(now)), decorateStorage: (storage) => faulty(storage, faults) });
const { state } = await app.runs.detail(await runToEnd(app, planId));
if (upkeep) {
  for (const line of notDone(await wholeUpkeep(app))) say(`${line}\n`);
  say(`${faults.steps} steps\n`);
}
say(state);
