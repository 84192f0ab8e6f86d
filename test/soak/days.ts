import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { metadataKinds } from '@gitprotect/shared/metadata';
import type { Keep } from '@gitprotect/shared/plan';
import { faulty } from '../format/faulty.ts';
import { movingClock } from '../moving-clock.ts';
import { allRefs, gitEnvironment } from '../repositories/real-git.ts';
import { storageInvariants } from '../storage-invariants.ts';
import { notDone, wholeUpkeep } from '../whole-upkeep.ts';
import { World } from '../world.ts';
import { MovingRepo } from './moving-repo.ts';

const day = 86_400_000;

/** A Thursday. Nobody works on Sundays, so that some runs find nothing new. */
const begins = '2026-01-01T02:00:00Z';

export interface Days {
  readonly days: number;
  /** Of the history before the first day. */
  readonly commits: number;
  readonly keep: Keep;
  /** Upkeep comes every so many days. */
  readonly lookEvery: number;
}

/** What so many days leave behind. */
export interface DaysLeft {
  /** Dates of the snapshots that the rules keep, the newest first, and of those that are there. */
  readonly kept: readonly string[];
  readonly there: readonly string[];
  /** Bytes of everything in storage; of a pack of all that the server has; of the packs of the runs after the first, as they came. */
  readonly stored: number;
  readonly freshFull: number;
  readonly changed: number;
  /** The most bundles that the restore of one of them read. */
  readonly mostBundles: number;
  /** Snapshots that did not come back as they were; and promises of the storage that do not hold. */
  readonly wrong: readonly string[];
  /** Full backups after the first. */
  readonly fulls: number;
  /** What upkeep could not do. */
  readonly failed: readonly string[];
}

/**
 * Backs a moving repo up once a day, with all upkeep, lets the last time of grace pass, and restores every snapshot there is.
 * @param onDay told after each
 */
export async function liveDays(
  { days, commits, keep, lookEvery }: Days,
  onDay: (at: number, stored: number) => void = () => undefined,
): Promise<DaysLeft> {
  const clock = movingClock(Date.parse(begins));
  let bundles = new Set<string>();
  const onStep = (step: string, name: string): void => void (step.startsWith('get bundle ') && bundles.add(name));
  await using world = await World.start({ clock, decorateStorage: (storage) => faulty(storage, { steps: 0, dieAt: Infinity, onStep }) });
  const moving = await MovingRepo.begin(join(world.root, 'source.git'), commits);
  const repo = world.addRepo('moving', moving.folder);
  const plan = await world.plan([world.addReader('ada')], { keep, leaveOut: metadataKinds.filter((kind) => kind !== 'labels') });
  const refs = new Map<string, string[]>();
  const dates = new Map<string, string>();
  const failed: string[] = [];
  let [changed, fulls] = [0, 0];
  const lookAfter = async (): Promise<void> => {
    failed.push(...notDone(await wholeUpkeep(world.app)));
  };
  for (let at = 0; at < days; at += 1) {
    clock.move(Date.parse(begins) + at * day - clock.now());
    const date = new Date(clock.now());
    if (date.getUTCDay() !== 0) {
      if (at > 0) await moving.live(at);
      if (at % 9 === 0) repo.settings.set('labels', [{ name: `day ${at}` }]);
    }
    const { state, jobs } = await world.run(plan);
    const outcome = jobs[0]?.outcome;
    if (state !== 'succeeded' || (outcome?.state !== 'saved' && outcome?.state !== 'unchanged'))
      throw new Error(`day ${at}: the run is ${state}`);
    if (outcome.state === 'saved') {
      if (at > 0 && outcome.kind === 'full') fulls += 1;
      else if (at > 0) changed += outcome.bytes;
      refs.set(outcome.snapshotId, allRefs(moving.folder));
      dates.set(outcome.snapshotId, date.toISOString().slice(0, 10));
    }
    if (at % lookEvery === lookEvery - 1) await lookAfter();
    onDay(at, bytesBelow(world.storageFolder));
  }
  // What was marked on the last day goes, and what was merged then.
  for (let rest = 0; rest < 2; rest += 1) {
    clock.move(8 * day);
    await lookAfter();
  }
  const dateOf = (id: string): string => dates.get(id) ?? id;
  const { snapshots } = await world.call('retention.get', { repo: { projectKey: 'PROOF', slug: 'moving' } });
  const wrong = [...(await storageInvariants(world.storageFolder, await world.keys())).violations];
  const there = (await world.call('snapshot.list', { limit: 10_000 })).map(({ id }) => id).toSorted((a, b) => b.localeCompare(a));
  let mostBundles = 0;
  for (const id of there) {
    bundles = new Set();
    const { verified, differences, folder } = await world.restore('moving', id);
    mostBundles = Math.max(mostBundles, bundles.size);
    if (!verified || differences.length > 0 || allRefs(folder).join() !== refs.get(id)?.join())
      wrong.push(`${dateOf(id)} is not as it was`);
  }
  return {
    kept: snapshots.filter((one) => one.keep).map(({ snapshotId }) => dateOf(snapshotId)),
    there: there.map(dateOf),
    stored: bytesBelow(world.storageFolder),
    freshFull: packOf(moving.folder),
    changed,
    mostBundles,
    wrong,
    fulls,
    failed: [...new Set(failed)],
  };
}

/** Bytes of the pack that a clone of everything would be sent. */
function packOf(dir: string): number {
  const args = ['pack-objects', '--all', '--stdout', '--delta-base-offset', '-q'];
  return execFileSync('git', args, { cwd: dir, env: gitEnvironment, input: '', maxBuffer: 1e9 }).length;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
