import { expect, test } from 'vitest';
import { cannedReader, firstRun, page, projectScope, repoScope, type Canned } from '../canned.ts';
import { collect } from '../collect.ts';
import { avatar } from './avatar.ts';
import { defaultPermissions } from './default-permissions.ts';
import { forkSync } from './fork-sync.ts';
import { lfs } from './lfs.ts';
import { pullRequestSettings } from './pull-request-settings.ts';
import { secretScanning } from './secret-scanning.ts';

const project = '/rest/api/latest/projects/SHOP';
const from = (answers: Readonly<Record<string, Canned>>) => cannedReader((path) => answers[path]).reader;

test('an avatar is kept byte by byte, with its type', async () => {
  const reader = from({ [`${project}/avatar.png`]: { bytes: Buffer.from([0, 255, 10]), contentType: 'image/webp' } });
  expect(await collect(avatar.read(reader, projectScope, firstRun))).toEqual([
    { key: '-', value: { contentType: 'image/webp', base64: 'AP8K' } },
  ]);
});

test('each default permission is asked for by name', async () => {
  const permitted = (name: string, is: boolean) => ({ [`${project}/permissions/${name}/all`]: { json: { permitted: is } } });
  const reader = from({ ...permitted('PROJECT_READ', true), ...permitted('PROJECT_WRITE', false), ...permitted('PROJECT_ADMIN', false) });
  expect(await collect(defaultPermissions.read(reader, projectScope, firstRun))).toEqual([
    { key: '-', value: { PROJECT_READ: true, PROJECT_WRITE: false, PROJECT_ADMIN: false } },
  ]);
});

test('Git LFS is on where its switch answers, off where there is none, and unknown where the repo is gone', async () => {
  const path = '/rest/git-lfs/admin/projects/SHOP/repos/storefront/enabled';
  const read = (answers: Readonly<Record<string, Canned>>) => collect(lfs.read(from(answers), repoScope, firstRun));
  expect(await read({ [path]: { contentType: '' } })).toEqual([{ key: '-', value: { enabled: true } }]);
  expect(await read({})).toEqual([{ key: '-', value: { enabled: false } }]);
  const gone = { errors: [{ message: 'gone', exceptionName: 'com.atlassian.bitbucket.repository.NoSuchRepositoryException' }] };
  await expect(read({ [path]: { status: 404, json: gone } })).rejects.toMatchObject({ code: 'repo-not-found' });
});

test('a project keeps merge strategies for git', async () => {
  const reader = from({ [`${project}/settings/pull-requests/git`]: { json: { mergeConfig: {} } } });
  expect(await collect(pullRequestSettings.read(reader, projectScope, firstRun))).toEqual([{ key: '-', value: { mergeConfig: {} } }]);
});

test('secret scanning is rules, allowlist and what goes unscanned', async () => {
  const answers = (base: string, exempt: unknown) => ({
    [`${base}/secret-scanning/rules`]: { json: page([{ id: 1 }]) },
    [`${base}/secret-scanning/allowlist`]: { json: page([{ id: 2 }]) },
    [`${base}/secret-scanning/exempt`]: { json: exempt },
  });
  expect(await collect(secretScanning.read(from(answers(project, page([{ slug: 'docs' }]))), projectScope, firstRun))).toEqual([
    { key: '-', value: { rules: [{ id: 1 }], allowlist: [{ id: 2 }], exempt: [{ slug: 'docs' }] } },
  ]);
  expect(await collect(secretScanning.read(from(answers(`${project}/repos/storefront`, true)), repoScope, firstRun))).toEqual([
    { key: '-', value: { rules: [{ id: 1 }], allowlist: [{ id: 2 }], exempt: true } },
  ]);
});

test('of fork syncing only its switch is a change', () => {
  expect(forkSync.essence?.({ enabled: true, lastSync: 2, aheadRefs: [] })).toEqual(forkSync.essence?.({ enabled: true, lastSync: 1 }));
  expect(forkSync.essence?.({ enabled: true })).not.toEqual(forkSync.essence?.({ enabled: false }));
});
