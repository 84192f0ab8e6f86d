import { findRun, listRunRecords } from '@gitprotect/agent/catalogue/run-records';
import { readMetadata } from '@gitprotect/agent/catalogue/metadata-object';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MetadataWorld, signal } from './metadata-world.ts';

let stage: MetadataWorld;

beforeEach(async () => {
  stage = await MetadataWorld.start();
});

afterEach(() => stage[Symbol.asyncDispose]());

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What the newest record says of the project, and its records. */
async function project() {
  const { plain: storage, keys } = await stage.world.app.place(signal);
  const [server] = await stage.world.call('server.list', {});
  const run = await findRun({ storage, keys }, server?.id ?? '', {}, signal);
  const [found] = run.projects;
  const records = [];
  for await (const record of readMetadata({ storage, keys }, found?.metadata ? [found.metadata] : [], { signal })) records.push(record);
  const runs = await listRunRecords({ storage, keys }, server?.id ?? '', signal);
  const list = Buffer.concat(await all(await storage.get(`servers/${server?.id}/runs/${run.runId}.sha256`, { signal })));
  const objects = (await all(storage.list('servers/'))).filter(({ name }) => name.includes('/projects/'));
  return { run, project: found, records, runs: runs.length, listed: list.toString(), objects };
}

/** Runs a plan, a minute after whatever was before: records are told apart by their time. */
function runLater(plan: Parameters<MetadataWorld['world']['run']>[0]) {
  stage.world.clock.move(60_000);
  return stage.world.run(plan);
}

const ofProject = () => stage.asked(/\/projects\/PROOF(?:\/(?!repos)|$)/);

describe('what a project itself holds', () => {
  test('is read once a run whatever repos it has, written once, and named by each record', async () => {
    stage.world.addRepo('two');
    const plan = await stage.plan([stage.world.addReader('ann')]);
    const first = await runLater(plan);
    expect(first.problems).toEqual([]);
    const asked = ofProject();
    // To find its repos it is asked for as well.
    expect(asked.toSorted()).toEqual([...new Set(asked), 'GET /rest/api/latest/projects/PROOF'].toSorted());
    const one = await project();
    expect(one.project).toMatchObject({ key: 'PROOF', kinds: { details: { state: 'saved', records: 1 } } });
    expect(one.records).toContainEqual(expect.objectContaining({ kind: 'details', value: expect.objectContaining({ key: 'PROOF' }) }));
    expect(one.listed).toContain(`${one.project?.metadata?.sha256}  ${one.project?.metadata?.object}`);
    await runLater(plan);
    const two = await project();
    expect(two.run.runId).not.toBe(one.run.runId);
    expect(two.project).toEqual(one.project);
    expect(two.listed).not.toContain('/projects/');
    expect([two.runs, two.objects.length]).toEqual([2, 1]);
  });

  test('is written whole when anything of it changed', async () => {
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await runLater(plan);
    const one = await project();
    stage.world.project.description = 'Another one';
    await runLater(plan);
    const two = await project();
    expect(two.project?.metadata?.object).not.toBe(one.project?.metadata?.object);
    expect(two.records.map(({ kind }) => kind).toSorted()).toEqual(one.records.map(({ kind }) => kind).toSorted());
    expect(JSON.stringify(two.records)).toContain('Another one');
    expect(two.listed).toContain(two.project?.metadata?.object);
  });

  test('is written anew when storage has lost it', async () => {
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await runLater(plan);
    const one = await project();
    await (await stage.world.app.place(signal)).plain.remove(one.project?.metadata?.object ?? '');
    await runLater(plan);
    const two = await project();
    expect(two.project?.metadata?.object).not.toBe(one.project?.metadata?.object);
    expect(two.records).toEqual(one.records);
  });

  test('that cannot be read is a problem of the run in words; the repos are saved and what was read before stands', async () => {
    const plan = await stage.plan([stage.world.addReader('ann')]);
    await runLater(plan);
    const one = await project();
    stage.world.bitbucket.faults.add({ kind: 'unavailable', status: 500 }, { path: /\/projects\/PROOF\/avatar/ });
    const run = await runLater(plan);
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
    await runLater(await stage.world.plan([stage.world.addReader('ann')]));
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
    const run = await runLater(plan);
    expect(run.problems).toEqual([]);
    const admins = /\/projects\/PROOF\/(?:permissions\/|webhooks|settings\/hooks)/;
    expect(stage.asked(admins, admin.id).length).toBeGreaterThan(0);
    expect(stage.asked(admins, reader.id)).toEqual([]);
  });
});
