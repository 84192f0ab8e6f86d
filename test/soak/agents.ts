import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AgentsStage, hour, type AgentHome } from './agents-stage.ts';
import { dice, type Dice, mostSeed } from './dice.ts';
import { LoopingAgent, type Said } from './looping-agent.ts';
import { wholeNumber } from './whole-number.ts';

/** What so much time with two agents came to. */
interface Lived {
  readonly broken: readonly string[];
  /** Figures, by what they count. */
  readonly counts: Readonly<Record<string, number>>;
  /** How often an agent did each step of its storage. */
  readonly steps: ReadonlyMap<string, number>;
}

/**
 * Two agents with one storage back up repos that move, merge and prune beside each other's backups, while they are killed, their storage fails and Bitbucket stumbles.
 * @param args `--minutes 5 --seed N`
 * @returns what was broken
 */
export async function soakAgents(args: readonly string[]): Promise<readonly string[]> {
  const options = {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(randomInt(1, mostSeed)) },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const minutes = wholeNumber('--minutes', values.minutes);
  const seed = wholeNumber('--seed', values.seed, mostSeed);
  console.log(`seed ${seed}`);
  let over = Infinity;
  const goesOn = (): boolean => {
    // From when both have begun.
    if (over === Infinity) over = performance.now() + minutes * 60_000;
    return performance.now() < over;
  };
  const { broken, counts, steps } = await liveTogether({ seed, goesOn }, (line) => console.error(`  ${line}`));
  for (const [what, count] of Object.entries(counts)) console.log(`${String(count).padStart(6)} ${what}`);
  return [...missingSteps(steps), ...untried(counts), ...broken];
}

/** What must have happened in storage, else it proves nothing. */
const mustHappen = ['put manifest', 'put merge', 'put mark', 'removed manifest', 'removed bundle'].map(
  (what) => `having ${what} in storage`,
);

const kills = 'kills';
const storageFaults = 'faults of a storage';
const bitbucketFaults = 'faults of Bitbucket';

/** What was never done to the agents: then it proves nothing either. */
function untried(counts: Readonly<Record<string, number>>): string[] {
  return [kills, storageFaults, bitbucketFaults].filter((what) => (counts[what] ?? 0) === 0).map((what) => `there were no ${what}`);
}

function missingSteps(steps: ReadonlyMap<string, number>): string[] {
  return mustHappen.filter((step) => !steps.has(step)).map((step) => `no agent was seen ${step}`);
}

/** Errors that no fault here explains. */
const alarming = new Set([
  'internal',
  'backup-damaged',
  'storage-corrupt',
  'storage-foreign',
  'storage-missing',
  'database-corrupt',
  'vault-unavailable',
]);

/** @param goesOn asked again and again @param told of what goes wrong, as it does, and of the time that passes */
async function liveTogether(
  { seed, goesOn }: { readonly seed: number; readonly goesOn: () => boolean },
  told: (line: string) => void,
): Promise<Lived> {
  // Each of the three has dice of its own: how fast the others roll is the machine's.
  const [roll, rollFirst, rollSecond] = diceOf(seed);
  await using stage = await AgentsStage.start(roll);
  const broken = new Set<string>();
  const steps = new Map<string, number>();
  const counts: Record<string, number> = {};
  const count = (what: string): number => (counts[what] = (counts[what] ?? 0) + 1);
  const breaks = (lines: readonly string[]): void => {
    for (const line of lines.filter((one) => !broken.has(one))) {
      broken.add(line);
      told(line);
    }
  };
  const saved: { repoId: number; snapshotId: string }[] = [];
  /** Which agents have ended a run since the clock was moved. */
  const since = new Set<string>();
  const listen = (name: string, { run, upkeep, injected }: Said): void => {
    if (injected !== undefined) count(storageFaults);
    if (run !== undefined) {
      count(`runs of the ${name} agent that ended ${run.state}`);
      since.add(name);
      for (const { repoId, state, snapshotId, error } of run.outcomes) {
        if (state === 'saved' && snapshotId !== undefined) saved.push({ repoId, snapshotId });
        if (state === 'saved') count(`snapshots that the ${name} agent reported`);
        if (error !== undefined) count(`jobs that failed with ${error.code}`);
      }
      const errors = [...run.problems, ...run.outcomes.flatMap(({ error }) => error ?? [])];
      breaks(errors.filter(({ code }) => alarming.has(code)).map(({ code, message }) => `${name}: ${code}: ${message}`));
    }
    for (const { step, state, message } of upkeep ?? []) {
      if (state === 'done') count(`times that ${step} was done`);
      else if (message.includes('injected')) count(`times that ${step} met a fault of its storage`);
      else breaks([`${name}: ${step} is not done: ${message}`]);
    }
  };
  const loops = (agent: AgentHome, roll: Dice): LoopingAgent =>
    new LoopingAgent({
      ...agent,
      clockFile: stage.clockFile,
      roll,
      onSaid: (said) => listen(agent.name, said),
      onStep: (step) => steps.set(step, (steps.get(step) ?? 0) + 1),
    });
  {
    await using first = loops(stage.agents[0], rollFirst);
    await using second = loops(stage.agents[1], rollSecond);
    const agents = [first, second];
    while (goesOn() && agents.every(({ failed }) => failed.length === 0)) {
      await delay(50 + roll(300));
      await stage.push();
      count('pushes');
      if (roll(4) === 0) {
        count(bitbucketFaults);
        count(`of them: ${stage.stumble()}`);
      }
      if (roll(6) === 0) stage.behave();
      breaks(await stage.lost());
      if (roll(10) === 0) breaks(await stage.rebuild(3));
      // No run sees more than half a day pass: less than the time of grace, which must be longer than any backup takes.
      if (since.size < agents.length) continue;
      since.clear();
      stage.clock.move(12 * hour);
      told(`day ${count('half days') / 2}: ${stage.counts.seen} snapshots so far, ${stage.counts.rebuilt} rebuilt`);
    }
    breaks(agents.flatMap(({ failed }) => failed));
    counts[kills] = agents.reduce((sum, { kills }) => sum + kills, 0);
  }
  breaks(await stage.lost());
  breaks(await stage.settled());
  breaks(stage.neverSeen(saved));
  counts['snapshots seen in storage'] = stage.counts.seen;
  counts['rebuilt and compared'] = stage.counts.rebuilt;
  for (const step of mustHappen) counts[step] = steps.get(step) ?? 0;
  return { broken: [...broken], counts, steps };
}

/** For Bitbucket and for each agent, from one seed. */
function diceOf(seed: number): readonly [Dice, Dice, Dice] {
  const roll = dice(seed);
  const another = (): Dice => dice(1 + roll(mostSeed));
  return [another(), another(), another()];
}
