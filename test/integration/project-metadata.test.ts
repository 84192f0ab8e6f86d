import { bytesOf } from '@gitprotect/agent/storage/bytes';
import { findRun, listRunRecords } from '@gitprotect/agent/catalogue/run-records';
import { readMetadata } from '@gitprotect/agent/catalogue/metadata-object';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MetadataWorld, signal } from './metadata-world.ts';

let stage: MetadataWorld;

beforeEach(async () => {
  stage = await MetadataWorld.start();
});

afterEach(() => stage[Symbol.asyncDispose]());

/** What the newest record says of the project, and its records. */
async function project() {
  const { plain: storage, keys } = await stage.world.app.place(signal);
  const [server] = await stage.world.call('server.list', {});
  const run = await findRun({ storage, keys }, server?.id ?? '', {}, signal);
  const [found] = run.projects;
  const records = [];
  for await (const record of readMetadata({ storage, keys }, found?.metadata ? [found.metadata] : [], { signal })) records.push(record);
  const all = await listRunRecords({ storage, keys }, server?.id ?? '', signal);
  const list = await bytesOf(await storage.get(`servers/${server?.id}/runs/${run.runId}.sha256`, { signal }), 1e6, 'list');
  const objects: string[] = [];
  for await (const { name } of storage.list('servers/')) if (name.includes('/projects/')) objects.push(name);
  // The next run begins later: the newest record is that of the last run.
  stage.world.clock.move(60_000);
  return { run, project: found, records, runs: all.length, listed: Buffer.from(list).toString(), objects };
}

/** But for the project itself, which the search for its repos asks for too. */
const ofProject = () => stage.asked(/\/projects\/PROOF\/(?!repos)/);

describe('what a project itself holds', () => {
  test('is read once a run whatever repos it has, written once, and named by each record', async () => {
    stage.world.addRepo('two');
    const plan = await stage.plan([stage.world.addReader('ann')]);
    const first = await stage.world.run(plan);
    expect(first.problems).toEqual([]);
    const asked = ofProject();
    expect(new Set(asked).size).toBe(asked.length);
    const one = await project();
    expect(one.project).toMatchObject({ key: 'PROOF', kinds: { details: { state: 'saved', records: 1 } } });
    expect(one.records).toContainEqual(expect.objectContaining({ kind: 'details', value: expect.objectContaining({ key: 'PROOF' }) }));
    expect(one.listed).toContain(`${one.project?.metadata?.sha256}  ${one.project?.metadata?.object}`);
    await stage.world.run(plan);
    const two = await project();
    expect(two.run.runId).not.toBe(one.run.runId);
    expect(two.project).toEqual(one.project);
    expect(two.listed).not.toContain('/projects/');
    expect([two.runs, two.objects.length]).toEqual([2, 1]);
  });

  test('is written whole when anything of it changed', async () => {
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await stage.world.run(plan);
    const one = await project();
    stage.world.project.description = 'Another one';
    await stage.world.run(plan);
    const two = await project();
    expect(two.project?.metadata?.object).not.toBe(one.project?.metadata?.object);
    expect(two.records.map(({ kind }) => kind).toSorted()).toEqual(one.records.map(({ kind }) => kind).toSorted());
    expect(JSON.stringify(two.records)).toContain('Another one');
    expect(two.listed).toContain(two.project?.metadata?.object);
  });

  test('is written anew when storage has lost it', async () => {
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await stage.world.run(plan);
    const one = await project();
    await (await stage.world.app.place(signal)).plain.remove(one.project?.metadata?.object ?? '');
    await stage.world.run(plan);
    const two = await project();
    expect(two.project?.metadata?.object).not.toBe(one.project?.metadata?.object);
    expect(two.records).toEqual(one.records);
  });

  test('that cannot be read is a problem of the run in words; the repos are saved and what was read before stands', async () => {
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await stage.world.run(plan);
    const one = await project();
    stage.world.bitbucket.faults.add({ kind: 'unavailable', status: 500 }, { path: /\/projects\/PROOF\/avatar/ });
    const run = await stage.world.run(plan);
    expect(run.counts.failed).toBe(0);
    expect(run).toMatchObject({
      state: 'partial',
      problems: [{ message: expect.stringMatching(/^the settings of project PROOF could not all be saved: avatar could not be read/) }],
    });
    const two = await project();
    expect(two.project?.kinds).toMatchObject({ avatar: { state: 'failed' } });
    expect(two.records).toEqual(one.records);
  });

  test('is left alone by a plan of git alone', async () => {
    await stage.world.run(await stage.world.plan([stage.world.addReader('ann')]));
    expect(await project()).toMatchObject({ run: { projects: [] }, objects: [] });
  });

  test('of which only administrators may know is asked with administrators of the project alone', async () => {
    const admin = stage.addAdmin('root');
    const reader = stage.world.addReader('ann');
    const plan = await stage.plan([reader, admin]);
    const set = (name: string, permissions: string[]) =>
      stage.world.app.db
        .updateTable('credentials')
        .set({ permissions_json: JSON.stringify(permissions) })
        .where('name', '=', name)
        .execute();
    await set(reader.name, ['PROJECT_READ', 'REPO_ADMIN']);
    await set(admin.name, ['PROJECT_ADMIN']);
    const run = await stage.world.run(plan);
    expect(run.problems).toEqual([]);
    const admins = /\/projects\/PROOF\/(?:permissions\/|webhooks|settings\/hooks)/;
    expect(stage.asked(admins, admin.id).length).toBeGreaterThan(0);
    expect(stage.asked(admins, reader.id)).toEqual([]);
  });
});
