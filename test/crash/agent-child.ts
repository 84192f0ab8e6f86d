import { writeSync } from 'node:fs';
import { AppError, asAppError } from '@gitprotect/shared/errors';
import { faulty } from '../format/faulty.ts';
import { openAgent, runToEnd } from '../agent-parts.ts';
import { notBegun, wholeUpkeep } from '../whole-upkeep.ts';
import { dice } from '../soak/dice.ts';
import { sharedClock } from '../soak/shared-clock.ts';

/*
 * An agent that runs a plan again and again, with all upkeep after every second run or so, until it is killed or its standard input ends.
 * Arguments: its home, the plan's id, the file with the clock, a seed, and one of how many steps of its storage fails.
 * Says each step of its storage in words; in JSON, each fault, how each run ended and what each step of upkeep did.
 */
const [home = '', planId = '', clockFile = '', seed = '', oneOf = ''] = process.argv.slice(2);
const roll = dice(Number(seed));
const say = (line: string): void => void writeSync(1, `${line}\n`);
process.stdin.resume().once('end', () => process.kill(process.pid, 'SIGKILL'));

/** The last fault since upkeep began. */
let injected = '';
const onStep = (step: string): void => {
  say(step);
  if (roll(Number(oneOf)) > 0) return;
  injected = `injected: ${step}`;
  say(JSON.stringify({ injected }));
  throw new AppError('storage-unreachable', injected);
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
  injected = '';
  const upkeep = await wholeUpkeep(app);
  say(JSON.stringify({ upkeep: upkeep.map((one) => (one.message === notBegun && injected !== '' ? { ...one, message: injected } : one)) }));
}
