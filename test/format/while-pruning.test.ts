import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prune } from '@gitprotect/agent/backup/prune/prune';
import { retentionBook } from '@gitprotect/agent/backup/retention/retention-book';
import { sayHold } from '@gitprotect/agent/catalogue/holds';
import { repo, signal } from '@gitprotect/agent/catalogue/sample';
import { lookOver } from '@gitprotect/agent/proof/look-over';
import { verify } from '@gitprotect/agent/proof/verify';
import { altered } from '@gitprotect/agent/storage/altered';
import { holdName, kindOf } from '@gitprotect/agent/storage/layout';
import type { Storage } from '@gitprotect/agent/storage/storage';
import { agentOn, begin, day, makeHistory, opened, type Agent } from './prune-stage.ts';

/* Snapshots that are to go, and meanwhile are held, locked, or damaged. */

const root = mkdtempSync(join(tmpdir(), 'gitprotect-while-pruning-'));
const everything = { gone: true, whole: true };

beforeAll(() => makeHistory(join(root, 'history')));
afterAll(() => rmSync(root, { recursive: true }));

/** A storage with six snapshots, of which the rules keep 5 and 6, and need 3; what removes from it can be changed. */
async function stage(remove: (name: string, storage: Storage) => Promise<void>): Promise<{ agent: Agent; folder: string }> {
  const folder = mkdtempSync(join(root, 'copy-'));
  cpSync(join(root, 'history'), folder, { recursive: true });
  const storage = await opened(folder);
  return { agent: await agentOn(altered(storage, { remove: (name) => remove(name, storage) })), folder };
}

const placeOf = ({ parts, storage, storageId: id, ledger, db }: Agent) => ({ ...parts.place, ledger, plain: storage, id, db });
const idsOf = async ({ catalogue }: Agent): Promise<string[]> => (await catalogue.list()).map(({ id }) => id).toSorted();

test('a snapshot that somebody holds while others are being removed stays', async () => {
  const said: Promise<unknown>[] = [];
  const { agent } = await stage(async (name, storage) => {
    await storage.remove(name);
    if (kindOf(name).kind !== 'manifest' || said.length > 0) return;
    const book = retentionBook({ ...agent.parts, place: async () => ({ ...agent.parts.place, ledger: agent.ledger }), signal });
    said.push(book.hold(repo, { snapshotId: '00000001', reason: 'audit' }));
    await said[0];
  });
  await prune(agent.parts, everything, signal);
  agent.clock.move(8 * day);
  expect(await prune(agent.parts, everything, signal)).toMatchObject({ removed: { snapshots: 2 }, refused: 0 });
  expect(said).toHaveLength(1);
  expect(await idsOf(agent)).toContain('00000001');
  const snapshots = await agent.catalogue.list();
  const options = { drill: false, everything: false, scratch: root, host: { machine: {}, signal }, clock: agent.clock };
  expect(await verify(placeOf(agent), snapshots, options)).toMatchObject({ problems: [] });
});

test('a snapshot whose removal the storage refused is to be whole, and its damage is named', async () => {
  const { agent, folder } = await stage(async (name, storage) => {
    if (kindOf(name).kind !== 'manifest') return storage.remove(name);
    // A backup finds it there meanwhile.
    await agent.catalogue.rebuild({ signal });
    throw new AppError('storage-read-only', `${name} is locked`);
  });
  await prune(agent.parts, everything, signal);
  agent.clock.move(8 * day);
  expect(await prune(agent.parts, everything, signal)).toMatchObject({ removed: { snapshots: 0 } });
  const snapshots = await agent.catalogue.list();
  const [first] = snapshots.filter(({ id }) => id === '00000001');
  if (first === undefined) throw new Error('it is not listed any more');
  const { manifest } = await agent.catalogue.manifest(await agent.catalogue.find({ repo, snapshotId: first.id }), { signal });
  const object = manifest.chain[0]?.object ?? '';
  rmSync(join(folder, object));
  const options = { drill: false, everything: false, scratch: root, host: { machine: {}, signal }, clock: agent.clock };
  expect(await verify(placeOf(agent), [first], options)).toMatchObject({ problems: [{ object, snapshotId: '00000001' }] });
});

test('a damaged word about a hold is said again, though a word that no list names comes after it', async () => {
  const { agent, folder } = await stage((name, storage) => storage.remove(name));
  const book = retentionBook({ ...agent.parts, place: async () => ({ ...agent.parts.place, ledger: agent.ledger }), signal });
  await book.hold(repo, { snapshotId: '00000001', reason: 'audit' });
  const forger = await agentOn(agent.storage);
  const word = { snapshotId: '00000001', held: false, reason: 'forged', at: new Date(begin).toISOString() };
  await sayHold({ ...forger.parts.place, db: forger.db }, repo, word, { listed: new Map(), signal });
  rmSync(join(folder, holdName(repo, '00000001', 1)));
  const { problems } = await lookOver(placeOf(agent), { clock: agent.clock, days: null, signal });
  expect(problems).toMatchObject([
    { object: holdName(repo, '00000001', 1), message: expect.stringContaining('is on hold, which it still is') },
  ]);
  // Another database knows nothing of the hold.
  const other = await agentOn(agent.storage);
  await prune(other.parts, everything, signal);
  other.clock.move(8 * day);
  await prune(other.parts, everything, signal);
  expect(await idsOf(other)).toContain('00000001');
});

test('the last number for words about a snapshot is an error, not a loop', async () => {
  const { agent } = await stage((name, storage) => storage.remove(name));
  const listed = new Map([[holdName(repo, '00000001', 999_999), 'x']]);
  const word = { snapshotId: '00000001', held: true, reason: 'audit', at: new Date(begin).toISOString() };
  await expect(sayHold({ ...agent.parts.place, db: agent.db }, repo, word, { listed, signal })).rejects.toMatchObject({
    code: 'storage-corrupt',
  });
});
