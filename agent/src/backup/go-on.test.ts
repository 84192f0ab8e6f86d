import type { Job, Outcome } from '@gitprotect/shared/run';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leftBy, takeOver } from './go-on.ts';
import type { RepoToSave } from './repo-access.ts';
import { waiting } from './waiting-job.ts';

const server = { id: 's1', url: 'https://bitbucket.example.com' };
const repoOf = (id: number): RepoToSave => ({
  server,
  projectId: 'p1',
  projectName: null,
  repo: { id, slug: `r${id}`, name: `r${id}`, projectKey: 'ORCH', archived: false, forkOf: null },
  credentialIds: ['c1'],
});
const saved = (id: number): Outcome => ({
  state: 'saved',
  snapshotId: String(id),
  kind: 'full',
  bytes: 1,
  objects: 1,
  refs: { total: 1, added: 1, moved: 0, deleted: 0 },
  warnings: [],
});
const done = (id: number): Job => ({ ...waiting(repoOf(id)), phase: 'done', outcome: saved(id) });
const ids = (repos: readonly RepoToSave[]) => repos.map(({ repo }) => repo.id);

describe('going on after a pause', () => {
  test('loses no repo and takes none twice, whatever was done and whatever came or went since', () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 30 }));
    fc.assert(
      fc.property(some, some, fc.constantFrom('resume', 'schedule', 'manual'), (now, before, trigger) => {
        const { todo, carried } = takeOver(now.map(repoOf), { runId: 'r1', done: before.map(done) }, trigger);
        const all = [...ids(todo), ...carried.map(({ repoId }) => repoId)];
        expect([all.length, new Set(all)]).toEqual([now.length, new Set(now)]);
        const left = now.filter((id) => !before.includes(id));
        expect(ids(todo).slice(0, left.length)).toEqual(left);
        expect(trigger === 'resume' ? todo.length - left.length : carried.length).toBe(0);
      }),
    );
  });

  test('names the run that did it, over any number of pauses', () => {
    const { carried } = takeOver([repoOf(1)], { runId: 'r2', done: [{ ...done(1), doneIn: 'r1' }] }, 'resume');
    expect(carried).toMatchObject([{ phase: 'done', outcome: { state: 'unchanged', snapshotId: '1' }, doneIn: 'r1', requests: 0 }]);
  });

  test('is from a paused run only, and what failed in it is tried again', async () => {
    const run = { id: 'r1', state: 'paused' } as const;
    const jobs = [
      done(1),
      { ...done(2), outcome: { state: 'failed', error: { code: 'git-stalled', message: '' } } as const },
      waiting(repoOf(3)),
    ];
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no more of a run is looked at
    const runs = (state: string) => ({ list: async () => [{ ...run, state }], detail: async () => ({ ...run, jobs }) }) as never;
    expect(await leftBy(runs('paused'), 'n1')).toMatchObject({ runId: 'r1', done: [{ repoId: 1 }] });
    expect(await leftBy(runs('cancelled'), 'n1')).toBeNull();
  });
});
