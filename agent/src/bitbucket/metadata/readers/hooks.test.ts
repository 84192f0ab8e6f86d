import { expect, test } from 'vitest';
import { cannedReader, firstRun, page, projectScope } from '../canned.ts';
import { collect } from '../collect.ts';
import { hooks } from './hooks.ts';

const base = '/rest/api/latest/projects/SHOP/settings/hooks';
const hook = (key: string, enabled: boolean, configured: boolean) => ({ details: { key, name: key }, enabled, configured });

test('settings are asked for of hooks that are on or were set up, and may be none', async () => {
  const listed = [
    hook('off', false, false),
    hook('a:on', true, false),
    hook('set-up', false, true),
    hook('empty', true, true),
    { details: null, enabled: true },
    { details: { key: '\ud800' }, enabled: true },
  ];
  const { reader, asked } = cannedReader((path) => {
    if (path === base) return { json: page(listed) };
    if (path === `${base}/set-up/settings`) return { json: { strict: true } };
    return path === `${base}/empty/settings` ? { status: 204 } : undefined;
  });
  const settings = [null, null, { strict: true }, null, null, null];
  expect(await collect(hooks.read(reader, projectScope, firstRun))).toEqual([
    { key: '-', value: listed.map((item, index) => ({ hook: item, settings: settings[index] })) },
  ]);
  expect(asked.slice(1)).toEqual(['a%3Aon', 'set-up', 'empty'].map((key) => `${base}/${key}/settings?`));
});

test('settings that the token may not read are no missing settings', async () => {
  const { reader } = cannedReader((path) =>
    path === base
      ? { json: page([hook('on', true, true)]) }
      : { status: 401, json: { errors: [{ message: 'no', exceptionName: 'com.atlassian.bitbucket.AuthorisationException' }] } },
  );
  await expect(collect(hooks.read(reader, projectScope, firstRun))).rejects.toMatchObject({ code: 'token-no-read' });
});
