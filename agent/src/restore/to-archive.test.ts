import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeMetadata } from '../catalogue/metadata-object.ts';
import { mainAt, openSample, repo, take } from '../catalogue/sample.ts';
import { newMetadataName } from '../storage/layout.ts';
import { sealed } from '../storage/sealed.ts';
import { pullRequest, recordsFrom, sampleKinds, sampleOf, sampleRecords, said } from './archive/sample.ts';
import { fullPullRequest } from './archive/sample-pull-request.ts';
import { writeLayout } from './exit/to-layout.ts';
import { type Records, recordsOf } from './live-record.ts';
import { type ArchiveWish, type ArchiveWritten, restoreArchive } from './to-archive.ts';

const { signal } = new AbortController();
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gitprotect-archive-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const layout = (records: Records) => writeLayout(root, { of: sampleOf, kinds: sampleKinds, records }, signal);

describe('what lies beside git', () => {
  test('is written as JSON by kind, and counted', async () => {
    expect(await layout(recordsFrom(sampleRecords))).toEqual({ records: 11, pullRequests: 3, problems: [] });
    const json = (...path: string[]): unknown => JSON.parse(read('gitprotect', 'metadata', ...path));
    expect(json('labels.json')).toEqual([{ name: 'hydraulics' }, { name: 'safety' }]);
    expect(json('pull-requests', '12.json')).toEqual(fullPullRequest);
    expect(json('pull-requests', 'index.json')).toMatchObject([{ number: '12', state: 'MERGED', comments: 6, openTasks: 1 }, {}, {}]);
    expect(json('lfs-objects.json')).toEqual([{ oid: 'd'.repeat(64), bytes: 12, path: 'plans/press.dwg' }]);
    expect(json('attachments', 'index.json')).toMatchObject([{ id: '31', name: 'plate.png' }, { id: '32' }]);
    expect(json('kinds.json')).toEqual(sampleKinds);
    expect(read('gitprotect', 'README.txt').split('\n').length).toBeLessThan(13);
  });

  test('is shown in pages: what was said, to which line, what is to be done, and what is not in the backup', async () => {
    await layout(recordsFrom(sampleRecords));
    const page = read('gitprotect', 'archive', 'pull-requests', '12.html');
    for (const text of [
      'Stop the press',
      'Thread resolved by Ada Byron',
      'src/main/java/press/Press.java',
      'line 12',
      'needs work',
      'open task',
      'and 2 more',
    ])
      expect(page).toContain(text);
    expect(page).toContain(`git diff ${'b'.repeat(40)}...${'a'.repeat(40)}`);
    expect(page).toContain('&amp;&amp; &quot;quoted&quot;');
    const settings = read('gitprotect', 'archive', 'settings.html');
    for (const text of ['not permitted', 'not available', 'not listable', 'left out', 'the answer was not JSON', 'release/*', 'gardeners'])
      expect(settings).toContain(text);
  });

  test('is the same in whatever order the records come', async () => {
    await layout(recordsFrom(sampleRecords.toReversed()));
    expect(read('gitprotect', 'archive', 'search.js')).toMatch(/"12","12".*"10","10".*"11","11"/);
    expect(read('gitprotect', 'archive', 'pull-requests', '12.html')).toContain('alt="the plate"');
  });

  test('keeps to its folder and loses nothing when keys are paths', async () => {
    const hostile = ['../../out', '..', '/etc/x', 'a\0b', 'CON', ''].map((key) => ({ ...pullRequest(1), key }));
    await layout(
      recordsFrom([
        ...hostile,
        { kind: '../kind', key: '../key', value: 1 },
        { kind: 'attachments', key: '../../a', value: { base64: 7 } },
      ]),
    );
    expect(readdirSync(root)).toEqual(['gitprotect']);
    expect(readdirSync(join(root, 'gitprotect', 'archive', 'pull-requests')).length).toBe(hostile.length);
    expect(readdirSync(join(root, 'gitprotect', 'metadata', 'pull-requests')).length).toBe(hostile.length + 1);
  });

  test('is there as far as the backup is whole, and the damage is named', async () => {
    const whole = recordsFrom(sampleRecords);
    const written = await layout(async function* (kinds) {
      yield* whole(kinds);
      throw new AppError('backup-damaged', 'the object m1 is missing');
    });
    expect(written).toEqual({ records: 11, pullRequests: 3, problems: ['what is beside git is not all there: the object m1 is missing'] });
    expect(read('gitprotect', 'archive', 'index.html')).toContain('Pull requests');
  });

  test('splits the texts that a search reads into files of bounded size', async () => {
    const long = recordsFrom(Array.from({ length: 5 }, (_, id) => pullRequest(id + 1, {}, [said(id, 'apple '.repeat(70_000))])));
    await layout(long);
    const files = readdirSync(join(root, 'gitprotect', 'archive', 'texts'));
    expect(files.toSorted()).toEqual(['1.js', '2.js']);
  });
});

describe('an archive on its own', () => {
  /** Of a snapshot in storage that holds the sample. */
  const archive = async (wish: ArchiveWish): Promise<ArchiveWritten> => {
    const sample = await openSample();
    const name = newMetadataName(repo, '00000001');
    const link = await writeMetadata(sealed(sample.storage, sample.keys), name, recordsFrom(sampleRecords)(), { signal });
    const metadata = { kinds: sampleKinds, index: [], chain: link === null ? [] : [link] };
    const { manifest } = await take(sample, mainAt('a'), { metadata });
    return restoreArchive(manifest, recordsOf(manifest, sample, signal), wish, signal);
  };

  test('holds one pull request, its attachments, and nothing else', async () => {
    const folder = join(root, 'one');
    expect(await archive({ folder, pullRequest: 12 })).toEqual({ folder, pullRequests: 1, records: 3 });
    expect(readdirSync(folder).toSorted()).toEqual([
      'archive.css',
      'archive.js',
      'attachments',
      'index.html',
      'pull-requests',
      'search.js',
      'texts',
    ]);
    expect(readdirSync(join(folder, 'pull-requests'))).toEqual(['12.html']);
    expect(read('one', 'pull-requests', '12.html')).not.toContain('settings.html');
  });

  test('holds everything when no pull request is named', async () => {
    const folder = join(root, 'all');
    expect(await archive({ folder })).toEqual({
      folder,
      pullRequests: 3,
      records: 11,
    });
    expect(readdirSync(folder)).toContain('settings.html');
  });

  test('of a pull request that is not there is refused, and no folder stays', async () => {
    const asked = archive({ folder: join(root, 'none'), pullRequest: 99 });
    await expect(asked).rejects.toMatchObject({ code: 'not-found' });
    expect(readdirSync(root)).toEqual([]);
  });

  test('of a backup of git alone is refused', async () => {
    const { manifest } = await take(await openSample(), mainAt('a'));
    const asked = restoreArchive(manifest, recordsFrom([]), { folder: join(root, 'none') }, signal);
    await expect(asked).rejects.toMatchObject({ code: 'not-found' });
  });
});
