import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { namesIn } from '../storage/storage-contract.ts';
import type { NamedHash } from './ledger-list.ts';
import { addedBy, type RunRecord, writeRunRecord } from './run-record.ts';
import { mainAt, openSample, type Sample, signal, take } from './sample.ts';
import { newSigningKey, sshPublicKey } from './ssh-signature.ts';

const record = (runId: string): RunRecord => ({
  format: 1,
  server: { id: 's1', url: 'https://bitbucket.example.com' },
  runId,
  planName: 'Nightly',
  state: 'succeeded',
  startedAt: '2026-03-01T02:00:00.000Z',
  endedAt: '2026-03-01T02:01:00.000Z',
  repos: [{ id: 42, projectKey: 'ORCH', slug: 'apples', outcome: 'saved', snapshotId: '00000001' }],
  projects: [],
});

const check = ({ storage }: Sample, list: NamedHash) =>
  spawnSync('sha256sum', ['--check', '--strict', '--quiet', list.name], { cwd: storage.place, encoding: 'utf8' });

async function twoRuns(sample: Sample) {
  const one = await take(sample, mainAt('a'));
  const first = await writeRunRecord(
    sample,
    record('run_1'),
    addedBy({ manifest: one.manifest, sha256: one.entry.manifestSha256 }),
    signal,
  );
  const two = await take(sample, mainAt('b'));
  const second = await writeRunRecord(
    sample,
    record('run_2'),
    addedBy({ manifest: two.manifest, sha256: two.entry.manifestSha256 }),
    signal,
  );
  return { signingKey: sample.signingKey, lists: [first, second] as const };
}

describe('the lists of runs', () => {
  test('name every object, and sha256sum finds each as it was written', async () => {
    const sample = await openSample();
    const { lists } = await twoRuns(sample);
    for (const list of lists) expect(check(sample, list)).toMatchObject({ status: 0, stdout: '' });
    const listed = lists.flatMap(({ name }) =>
      readFileSync(join(sample.storage.place, name), 'utf8')
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .map((line) => line.slice(66)),
    );
    const inStorage = (await namesIn(sample.storage)).filter((name) => !name.endsWith('.sig') && name !== lists[1].name);
    expect(listed.toSorted()).toEqual(inStorage);
  });

  test('show an object that was changed, and a list of an earlier run that was', async () => {
    const sample = await openSample();
    const { lists } = await twoRuns(sample);
    appendFileSync(join(sample.storage.place, lists[0].name), '\n');
    expect(check(sample, lists[1]).stdout).toContain(`${lists[0].name}: FAILED`);
  });

  test('are signed so that ssh-keygen accepts them, and nothing else', async () => {
    const sample = await openSample();
    const { signingKey, lists } = await twoRuns(sample);
    const list = join(sample.storage.place, lists[1].name);
    const signers = join(sample.storage.place, 'allowed');
    writeFileSync(signers, `agent namespaces="gitprotect" ${sshPublicKey(signingKey)}\n`);
    const verify = (input: Buffer) =>
      spawnSync('ssh-keygen', ['-Y', 'verify', '-f', signers, '-I', 'agent', '-n', 'gitprotect', '-s', `${list}.sig`], { input }).status;
    expect(verify(readFileSync(list))).toBe(0);
    expect(verify(Buffer.concat([readFileSync(list), Buffer.from('\n')]))).not.toBe(0);
    writeFileSync(signers, `agent namespaces="gitprotect" ${sshPublicKey(newSigningKey())}\n`);
    expect(verify(readFileSync(list))).not.toBe(0);
  });

  test('come with a record that age and zstd read', async () => {
    const sample = await openSample();
    await twoRuns(sample);
    const key = join(sample.storage.place, 'key');
    writeFileSync(key, sample.keys.identity.reveal(), { mode: 0o600 });
    const sealed = readFileSync(join(sample.storage.place, 'servers/s1/runs/run_1.json.zst.age'));
    const text = execFileSync('zstd', ['-dc'], { input: execFileSync('age', ['-d', '-i', key], { input: sealed }) }).toString();
    expect(JSON.parse(text)).toEqual(record('run_1'));
  });
});
