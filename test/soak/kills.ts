import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { dice, mostSeed } from './dice.ts';
import { KillStage, neverDone, type ChildEnd } from './kill-stage.ts';
import { wholeNumber } from './whole-number.ts';

/** What came of so many kills. */
export interface Killed {
  readonly broken: readonly string[];
  /** What agents were seen doing, in words; and where they were killed, and how often. */
  readonly done: ReadonlySet<string>;
  readonly met: ReadonlyMap<string, number>;
}

/**
 * Kills real agents at random moments, or at each step of their storages in turn, of a day with a run, merging, pruning, verifying, drilling, copying, and pruning
 * the copy. After each: no snapshot is gone or otherwise than before, all rebuild, and the next day goes on by itself.
 * @param args `--count 200 [--seed N]` random moments, or `--stride 1 [--first 1]`: that step of a day and each n-th after it
 * @returns what was broken
 */
export async function soakKills(args: readonly string[]): Promise<readonly string[]> {
  const options = {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(randomInt(1, mostSeed)) },
    stride: { type: 'string' },
    first: { type: 'string', default: '1' },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const stride = values.stride === undefined ? undefined : wholeNumber('--stride', values.stride);
  const first = wholeNumber('--first', values.first);
  const count = wholeNumber('--count', values.count);
  const seed = wholeNumber('--seed', values.seed, mostSeed);
  await using stage = await KillStage.start({ forks: true });
  if (stride === undefined) console.log(`seed ${seed}`);
  const { met, done, broken } = await (stride === undefined
    ? atMoments(stage, { count, seed }, say)
    : atSteps(stage, { stride, first }, say));
  for (const [where, times] of [...met].toSorted(([, one], [, other]) => other - one))
    console.log(`${String(times).padStart(5)} × ${where}`);
  console.log(
    `${[...met.values()].reduce((sum, times) => sum + times, 0)} kills in all; ${stage.snapshots} snapshots were seen at the end`,
  );
  return [...neverDone(done), ...broken];
}

/** Told what was killed, and how many of how many that was. */
type Told = (what: string, done: number, of: number) => void;

/** Kills at so many random moments, one day after the other. */
export async function atMoments(stage: KillStage, { count, seed }: { count: number; seed: number }, told: Told): Promise<Killed> {
  const roll = dice(seed);
  const done = new Set<string>();
  const met = new Map<string, number>();
  const broken: string[] = [];
  const dies = async (milliseconds: number): Promise<ChildEnd> => {
    await stage.change();
    const end = await stage.dayThatDies({ milliseconds });
    for (const step of end.steps) done.add(step);
    return end;
  };
  let { milliseconds: length } = await dies(3_600_000);
  broken.push(...named('on a day without a kill', await goesOn(stage)));
  let killed = 0;
  for (let tries = 0; killed < count && tries < count * 10; tries += 1) {
    const at = roll(Math.ceil(length));
    const { killed: dead, steps, milliseconds } = await dies(at);
    // Days are not equally long, and not on a machine that does other things as well.
    if (!dead) length = milliseconds;
    if (!dead) continue;
    killed += 1;
    const what = `after ${at} ms: ${counted(met, steps.at(-1) ?? 'opening')}`;
    broken.push(...named(what, await stage.broken()));
    // Kills come one after the other too, without a whole day between.
    if (killed % 5 === 0) broken.push(...named(what, await goesOn(stage)));
    told(what, killed, count);
  }
  if (killed < count) broken.push(`only ${killed} of ${count} were killed`);
  broken.push(...(await goesOn(stage)), ...(await stage.orphansLater()));
  return { broken, done, met };
}

/** Kills at step `first` of a day and at each `stride`-th after it, the same day again each time. */
export async function atSteps(stage: KillStage, { stride, first }: { stride: number; first: number }, told: Told): Promise<Killed> {
  await stage.change();
  const again = await stage.checkpoint();
  const { steps, counted: last } = await stage.dayThatDies({ step: Infinity });
  const met = new Map<string, number>();
  const broken = named('on a day without a kill', await goesOn(stage));
  for (let step = first; step <= last; step += stride) {
    await again();
    const { steps: done, killed, counted: came } = await stage.dayThatDies({ step });
    // The same day again may have somewhat fewer steps.
    if (!killed && came < step) continue;
    const what = `at step ${step}: ${counted(met, done.at(-1) ?? '')}`;
    if (!killed) broken.push(`${what} was not killed, and came to ${came} steps`);
    broken.push(...named(what, await stage.broken()), ...named(what, await goesOn(stage)));
    told(what, step, last);
  }
  if (met.size === 0) broken.push(`of ${last} steps from ${first} on, none was killed at`);
  return { broken: [...broken, ...(await stage.orphansLater())], done: new Set(steps), met };
}

/** What is not as it should be after the next day, which needs nobody. */
async function goesOn(stage: KillStage): Promise<string[]> {
  return [...(await stage.wholeDay()), ...(await stage.broken()), ...(await stage.stale())];
}

/** With when it was; said at once, as a long test may be ended early. */
function named(when: string, broken: readonly string[]): string[] {
  const lines = broken.map((one) => `killed ${when}: ${one}`);
  for (const line of lines) console.error(line);
  return lines;
}

function counted(met: Map<string, number>, where: string): string {
  met.set(where, (met.get(where) ?? 0) + 1);
  return where;
}

function say(what: string, done: number, of: number): void {
  console.error(`  ${done} of ${of}: killed ${what}`);
}
