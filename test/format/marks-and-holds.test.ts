import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planPrune } from '@gitprotect/agent/backup/prune/plan-prune';
import { prune, type PruneScope } from '@gitprotect/agent/backup/prune/prune';
import { wholeIsDue, noteWhole } from '@gitprotect/agent/backup/prune/whole-prune';
import { retentionBook } from '@gitprotect/agent/backup/retention/retention-book';
import { holdsKnown, sayHold } from '@gitprotect/agent/catalogue/holds';
import { listMarks, readMark, writeMark } from '@gitprotect/agent/catalogue/marks';
import { repo, signal } from '@gitprotect/agent/catalogue/sample';
import { lookOver } from '@gitprotect/agent/proof/look-over';
import { holdName, kindOf, markName } from '@gitprotect/agent/storage/layout';
import { flip } from '../flip.ts';
import { type Agent, agentOn, begin, day, historyCopies, lookAt, opened } from './prune-stage.ts';

const everything: PruneScope = { gone: true, whole: true };
const held = '00000001';

const copy = historyCopies();

async function fresh(): Promise<{ folder: string; agent: Agent }> {
  const folder = copy();
  return { folder, agent: await agentOn(await opened(folder)) };
}

const marksIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => kindOf(name).kind === 'mark');

const verified = async ({ parts, storage, storageId: id, clock, ledger }: Agent) =>
  (await lookOver({ ...parts.place, ledger, plain: storage, id, db: parts.db }, { clock, days: null, signal })).problems;

const bookOf = ({ parts, ledger }: Agent) => retentionBook({ ...parts, place: async () => ({ ...parts.place, ledger }), signal });

const goes = async ({ parts }: Agent) =>
  (await planPrune(parts, everything, signal)).repos.flatMap((one) => one.goes).map((one) => one.snapshotId);

const damages: Readonly<Record<string, (file: string) => void>> = {
  flipped: flip,
  gone: (file) => rmSync(file),
};

describe.each(Object.entries(damages))('a mark that is %s', (how, damage) => {
  test('is named by a verification, and made anew by the next prune', async () => {
    const { folder, agent } = await fresh();
    await prune(agent.parts, everything, signal);
    await noteWhole(agent.db, agent.storageId, agent.clock.now());
    const [mark = ''] = marksIn(folder);
    expect(await verified(agent)).toEqual([]);
    damage(join(folder, mark));
    const problems = await verified(agent);
    expect(problems).toEqual([
      expect.objectContaining({
        object: mark,
        message: expect.stringContaining('nothing is removed on its word'),
        remedy: expect.stringContaining('the next prune marks anew'),
      }),
    ]);
    expect(await verified(agent)).toEqual([]);
    expect(await wholeIsDue(agent.db, agent.storageId, agent.clock.now())).toBe(true);
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ marked: { snapshots: 3 }, removed: { snapshots: 0 } });
    agent.clock.move(7 * day);
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ removed: { snapshots: 3 } });
    expect(await verified(agent)).toEqual([]);
    expect((await lookAt(folder)).missing).toEqual([]);
  });

  test('removes nothing where no verification came before the prune, which marks anew', async () => {
    const { folder, agent } = await fresh();
    await prune(agent.parts, everything, signal);
    const [mark = ''] = marksIn(folder);
    damage(join(folder, mark));
    agent.clock.move(how === 'flipped' ? day : 7 * day);
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ marked: { snapshots: 3 }, removed: { snapshots: 0, objects: 0 } });
    expect(marksIn(folder)).toHaveLength(1);
    expect(marksIn(folder)).not.toEqual([mark]);
    agent.clock.move(7 * day);
    expect(await prune(agent.parts, everything, signal)).toMatchObject({ removed: { snapshots: 3 } });
  });
});

test('a mark in another’s place is no mark', async () => {
  const { folder, agent } = await fresh();
  const { sealed } = agent.parts.place;
  await prune(agent.parts, everything, signal);
  const [place] = await listMarks(sealed, repo.serverId, signal);
  const mark = place && (await readMark(sealed, place, signal));
  if (mark === undefined) throw new Error('there is no mark');
  const [its, anothers] = [markName('s1', 'r42', mark.due), markName('s1', 'r43', mark.due)];
  const { snapshots, objects } = mark;
  const [now, dueAt] = [Date.parse(mark.at), Date.parse(mark.dueAt)];
  await writeMark(sealed, { serverId: 's1', subject: 'r43', snapshots, objects, now, dueAt }, signal);
  renameSync(join(folder, anothers), join(folder, its));
  agent.clock.move(7 * day);
  expect(await prune(agent.parts, everything, signal)).toMatchObject({ marked: { snapshots: 3 }, removed: { snapshots: 0, objects: 0 } });
  expect(marksIn(folder)).not.toContain(its);
});

describe.each(Object.entries(damages))('the last word about a snapshot that is %s', (_, damage) => {
  test('is named; the snapshot stays, and what is known is said again', async () => {
    const { folder, agent } = await fresh();
    await bookOf(agent).hold(repo, { snapshotId: held, reason: 'audit' });
    damage(join(folder, holdName(repo, held, 1)));
    // Another database knows nothing of the hold.
    const other = await agentOn(agent.storage);
    expect(await goes(other)).not.toContain(held);
    expect(await verified(agent)).toEqual([
      expect.objectContaining({
        object: holdName(repo, held, 1),
        message: expect.stringContaining('is on hold, which it still is'),
        remedy: expect.stringContaining('nothing: it was said again'),
      }),
    ]);
    expect(await verified(agent)).toEqual([]);
    expect(await goes(await agentOn(agent.storage))).not.toContain(held);
    expect(await holdsKnown(agent.db)).toMatchObject([{ snapshotId: held, reason: 'audit' }]);
    await bookOf(agent).release(repo, { snapshotId: held, reason: '' });
    expect(await goes(await agentOn(agent.storage))).toContain(held);
  });

  test('holds where it had let the snapshot go, until a person lets it go again', async () => {
    const { folder, agent } = await fresh();
    await bookOf(agent).hold(repo, { snapshotId: held, reason: 'audit' });
    await bookOf(agent).release(repo, { snapshotId: held, reason: '' });
    expect(await goes(agent)).toContain(held);
    damage(join(folder, holdName(repo, held, 2)));
    expect(await goes(agent)).not.toContain(held);
    expect(await verified(agent)).toEqual([
      expect.objectContaining({ remedy: expect.stringContaining(`snapshots release ORCH/apples ${held}`) }),
    ]);
    expect(await verified(agent)).toEqual([]);
    expect(await goes(agent)).not.toContain(held);
    await bookOf(agent).release(repo, { snapshotId: held, reason: '' });
    expect(await goes(agent)).toContain(held);
  });
});

test('an older word that is damaged leaves the storage, and the last one counts', async () => {
  const { folder, agent } = await fresh();
  await bookOf(agent).hold(repo, { snapshotId: held, reason: 'audit' });
  await bookOf(agent).release(repo, { snapshotId: held, reason: '' });
  flip(join(folder, holdName(repo, held, 1)));
  expect(await verified(agent)).toEqual([expect.objectContaining({ message: expect.stringContaining('a later word') })]);
  expect(await verified(agent)).toEqual([]);
  expect(await goes(agent)).toContain(held);
});

test('a word that no signed list names holds, and lets nothing go', async () => {
  const { agent } = await fresh();
  await bookOf(agent).hold(repo, { snapshotId: held, reason: 'audit' });
  const forger = await agentOn(agent.storage);
  const word = { reason: 'forged', at: new Date(begin).toISOString() };
  const options = { listed: new Map(), signal };
  await sayHold({ ...forger.parts.place, db: forger.db }, repo, { snapshotId: held, held: false, ...word }, options);
  await sayHold({ ...forger.parts.place, db: forger.db }, repo, { snapshotId: '00000002', held: true, ...word }, options);
  expect(await goes(await agentOn(agent.storage))).toEqual(['00000004']);
});
