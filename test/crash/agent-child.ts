import { writeSync } from 'node:fs';
import { AppError, asAppError } from '@gitprotect/shared/errors';
import { faulty } from '../format/faulty.ts';
import { openAgent, runToEnd } from '../agent-parts.ts';
import { dice } from '../soak/dice.ts';
import { sharedClock } from '../soak/shared-clock.ts';

/*
 * An agent that runs a plan again and again, with all upkeep after every second run or so, until it is killed or its standard input ends.
 * Arguments: its home, the plan's id, the file with the clock, a seed, and one of how many steps of its storage fails.
 * Says each step of its storage in words; in JSON, how each run ended and what each step of upkeep did.
 */
const [home = '', planId = '', clockFile = '', seed = '', oneOf = ''] = process.argv.slice(2);
const roll = dice(Number(seed));
const say = (line: string): void => void writeSync(1, `${line}\n`);
process.stdin.resume().once('end', () => process.kill(process.pid, 'SIGKILL'));

const onStep = (step: string): void => {
  say(step);
  if (roll(Number(oneOf)) === 0) throw new AppError('storage-unreachable', `injected: ${step}`);
};
const clock = sharedClock(clockFile);
await using app = await openAgent(home, {
  clock,
  decorateStorage: (storage) => faulty(storage, { steps: 0, dieAt: Infinity, onStep }),
});
for (;;) {
  try {
    const { state, jobs, problems } = await app.runs.detail(await runToEnd(app, planId));
    const outcomes = jobs.map(({ repoId, outcome }) => ({ repoId, ...outcome }));
    say(JSON.stringify({ run: { state, outcomes, problems } }));
  } catch (error) {
    const { code, message } = asAppError(error);
    say(JSON.stringify({ run: { state: 'not begun', outcomes: [], problems: [{ code, message }] } }));
  }
  if (roll(2) === 0) continue;
  await app.upkeep.run();
  say(JSON.stringify({ upkeep: await app.upkeepResults.list() }));
}
