import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compact } from '@gitprotect/agent/backup/compact/compact';
import { planPrune } from '@gitprotect/agent/backup/prune/plan-prune';
import { prune } from '@gitprotect/agent/backup/prune/prune';
import { mainAt, newStorage, repo, signal, take } from '@gitprotect/agent/catalogue/sample';
import { newId } from '@gitprotect/agent/lib/id';
import { mergeName } from '@gitprotect/agent/storage/layout';
import { agentOn, begin, day } from './prune-stage.ts';

test('where the record of a merge is gone, nothing of its repo is pruned or merged until it is put back', async () => {
  const storage = await newStorage();
  const agent = await agentOn(storage);
  for (let at = 0; at < 9; at += 1)
    await take(agent, mainAt(String(at)), { kind: at === 0 ? 'full' : 'incremental', takenAt: new Date(begin + at * day).toISOString() });
  const last = await agent.catalogue.latest(repo);
  if (last === undefined) throw new Error('there is no snapshot');
  const { chain } = (await agent.catalogue.manifest(last, { signal })).written;
  const [first, second] = chain;
  if (first === undefined || second === undefined) throw new Error('there is no chain');
  const parts = [first, second].map((link, at) => ({ ...link, first: at + 1, last: at + 1 }));
  const header = { format: 1 as const, server: { id: repo.serverId }, repo: { id: repo.repoId }, sequence: 1 };
  const record = { ...header, madeAt: new Date(begin).toISOString(), of: 'bundles' as const, result: second, parts };
  const id = newId('compact');
  await agent.ledger.append(repo.serverId, { id, added: await agent.catalogue.addMerge(record, { id, signal }) }, signal);
  const undecided = async () => (await planPrune(agent.parts, { gone: true }, signal)).repos.map((one) => one.undecided);
  expect(await undecided()).toEqual([null]);

  const name = mergeName(repo, 1);
  const [file, elsewhere] = [join(storage.place, name), `${storage.place}-taken-away`];
  renameSync(file, elsewhere);
  expect(await undecided()).toEqual([expect.stringContaining(`${name} is not in storage`)]);
  const scope = { gone: true, whole: true };
  expect(await prune(agent.parts, scope, signal)).toMatchObject({ marked: { snapshots: 0, objects: 0 }, undecided: [{ slug: 'apples' }] });
  expect(await compact(agent.parts, { again: true }, signal)).toMatchObject({
    repos: [],
    failed: [{ slug: 'apples', message: expect.stringContaining(name) }],
  });

  renameSync(elsewhere, file);
  expect(await undecided()).toEqual([null]);
});
