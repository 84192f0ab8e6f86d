import { expect, test } from 'vitest';
import { prune } from '@gitprotect/agent/backup/prune/prune';
import { followLists } from '@gitprotect/agent/catalogue/follow-lists';
import { mainAt, repo, signal, take } from '@gitprotect/agent/catalogue/sample';
import { newId } from '@gitprotect/agent/lib/id';
import { lookOver } from '@gitprotect/agent/proof/look-over';
import { manifestName } from '@gitprotect/agent/storage/layout';
import { faulty } from './faulty.ts';
import { agentOn, begin, day, historyCopies, opened, type Agent } from './prune-stage.ts';

const everything = { gone: true, whole: true };
/** A storage with six snapshots, of which the rules keep 5 and 6, and need 3. */
const history = historyCopies();

const idsOf = async ({ catalogue }: Agent): Promise<string[]> => (await catalogue.list()).map(({ id }) => id.slice(-1)).toSorted();
const follow = (agent: Agent): Promise<void> => followLists(agent, signal);
/** Marks, and removes a week later. */
async function pruneAll(agent: Agent): Promise<void> {
  await prune(agent.parts, everything, signal);
  agent.clock.move(8 * day);
  await prune(agent.parts, everything, signal);
}

test('an agent lists what the other has committed, and no longer what the other has pruned', async () => {
  const folder = history();
  const [one, other] = [await agentOn(await opened(folder)), await agentOn(await opened(folder))];
  await follow(one);
  await take(other, mainAt('7'), { kind: 'full', takenAt: new Date(begin + 6 * day).toISOString() });
  await other.ledger.append(repo.serverId, { id: newId('run'), added: [] }, signal);
  await pruneAll(other);
  expect(await idsOf(one)).toEqual(['1', '2', '3', '4', '5', '6']);
  await follow(one);
  expect(await idsOf(one)).toEqual(await idsOf(other));
  expect(await idsOf(one)).toEqual(['3', '6', '7']);
});

test('a snapshot whose manifest was removed by an agent that was killed then is not listed any more; one that is gone without a word is', async () => {
  const folder = history();
  const storage = await opened(folder);
  const onStep = (step: string): void => {
    if (step.startsWith('having removed manifest')) throw new Error('killed');
  };
  const agent = await agentOn(faulty(storage, { steps: 0, dieAt: Infinity, onStep }));
  await expect(pruneAll(agent)).rejects.toThrow('killed');
  await storage.remove(manifestName(repo, '00000006'));
  expect(await idsOf(agent)).toEqual(['1', '2', '3', '4', '5', '6']);
  await follow(agent);
  expect(await idsOf(agent)).toEqual(['1', '2', '3', '5', '6']);
});

test('what the other agent removes while this one reads the storage is not missing from it', async () => {
  const folder = history();
  const other = await agentOn(await opened(folder));
  await prune(other.parts, everything, signal);
  other.clock.move(8 * day);
  const inner = await opened(folder);
  let begun = false;
  const onStep = (step: string): void => void (begun ||= step.startsWith('get bundle'));
  const storage = faulty(inner, { steps: 0, dieAt: Infinity, onStep });
  const pruned: unknown[] = [];
  const get: typeof storage.get = async (...args) => {
    const before = begun;
    const read = await storage.get(...args);
    if (begun && !before) pruned.push(await prune(other.parts, everything, signal));
    return read;
  };
  const agent = await agentOn({ ...storage, get });
  await agent.ledger.standing(repo.serverId, signal);
  const place = { ...agent.parts.place, ledger: agent.ledger, id: agent.storageId, plain: agent.storage, db: agent.db };
  expect(await lookOver(place, { clock: agent.clock, days: null, signal })).toMatchObject({ problems: [] });
  expect(pruned).toMatchObject([{ removed: { snapshots: 3 } }]);
});
