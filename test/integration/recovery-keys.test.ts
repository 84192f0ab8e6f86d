import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAge } from '@gitprotect/agent/storage/age';
import { Secret } from '@gitprotect/agent/lib/secret';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCommits } from '../bitbucket/history.ts';
import type { Repo } from '../bitbucket/model.ts';
import { command } from '../command-line.ts';
import { World } from '../world.ts';

let world: World;
let repo: Repo;
let plan: { id: string };
beforeAll(async () => {
  world = await World.start();
  repo = world.addRepo('core');
  await addCommits(repo, [{ files: { a: '1' } }]);
  plan = await world.plan([world.addReader('ann')]);
});
afterAll(() => world[Symbol.asyncDispose]());

/** Saves a new commit; the name of the manifest that came of it. */
async function saved(text: string): Promise<string> {
  await addCommits(repo, [{ files: { a: text } }]);
  const { jobs } = await world.run(plan);
  const outcome = jobs[0]?.outcome;
  if (outcome?.state !== 'saved') throw new Error(`not saved: ${JSON.stringify(outcome)}`);
  const [snapshot] = await world.call('snapshot.list', {});
  return `servers/${snapshot?.serverId}/repos/${snapshot?.repoId}/snapshots/${outcome.snapshotId}.json.zst.age`;
}

async function opens(manifest: string, identity: string): Promise<boolean> {
  const bytes = async function* () {
    yield readFileSync(join(world.storageFolder, manifest));
  };
  try {
    for await (const _ of openAge(bytes(), new Secret(identity), manifest)) break;
    return true;
  } catch {
    return false;
  }
}

describe('recovery keys', () => {
  test('one is made once and printed again as often as it is asked for, each time tried on the storage', async () => {
    const before = await saved('before there was a key');
    const first = await world.call('recovery-key.print', {});
    expect(first).toMatchObject({ fresh: true, opens: { snapshots: 0, of: 1 } });
    const after = await saved('with a key');
    const again = await world.call('recovery-key.print', {});
    expect(again).toEqual({ recipient: first.recipient, identity: first.identity, fresh: false, opens: { snapshots: 1, of: 1 } });
    expect([await opens(before, first.identity), await opens(after, first.identity)]).toEqual([false, true]);
    expect(await world.call('recovery-key.list', {})).toMatchObject([{ recipient: first.recipient, kind: 'own' }]);
  });

  test('further ones are given by their public halves, and taken away again', async () => {
    const identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    await world.call('recovery-key.add', { recipient, name: 'audit safe' });
    await expect(world.call('recovery-key.add', { recipient, name: 'twice' })).rejects.toMatchObject({ code: 'already-exists' });
    expect(await opens(await saved('for the auditors'), identity)).toBe(true);
    await world.call('recovery-key.remove', { recipient });
    await expect(world.call('recovery-key.remove', { recipient })).rejects.toMatchObject({ code: 'not-found' });
    expect(await opens(await saved('no longer'), identity)).toBe(false);
    await expect(world.call('recovery-key.add', { recipient: identity, name: 'the secret half' })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });

  test('a new key of the agent’s own seals what is new, and what is older restores all the same', async () => {
    const { recipient } = await world.call('storage-key.rotate', {});
    const { recipients, identity } = await world.keys();
    expect(recipients[0]).toBe(recipient);
    const [current = '', earlier = ''] = identity.reveal().split('\n');
    const manifest = await saved('under the new key');
    expect([await opens(manifest, current), await opens(manifest, earlier)]).toEqual([true, false]);
    expect(await world.restore('core', '00000001')).toMatchObject({ verified: true });
    expect(await world.restore('core')).toMatchObject({ verified: true });
    expect((await world.call('backup.verify', {})).problems).toEqual([]);
  });

  test('another one in its place is printed from then on', async () => {
    const old = await world.call('recovery-key.print', {});
    const next = await world.call('recovery-key.replace', {});
    expect(next).toMatchObject({ fresh: true });
    expect(next.recipient).not.toBe(old.recipient);
    const manifest = await saved('for the next key');
    expect([await opens(manifest, next.identity), await opens(manifest, old.identity)]).toEqual([true, false]);
    expect(await world.call('recovery-key.list', {})).toMatchObject([{ recipient: next.recipient }]);
  });
});

test('two who ask for the first key at once are shown the same', async () => {
  await using fresh = await World.start();
  const [one, other] = await Promise.all([fresh.call('recovery-key.print', {}), fresh.call('recovery-key.print', {})]);
  expect(one.identity).toBe(other.identity);
  expect(await fresh.call('recovery-key.list', {})).toHaveLength(1);
});

test('with the recovery key alone a new machine takes over: it finds all snapshots, restores, and goes on', async () => {
  await using lost = await World.start();
  const core = lost.addRepo('core');
  await addCommits(core, [{ files: { a: '1' } }]);
  const key = await lost.call('recovery-key.print', {});
  await lost.run(await lost.plan([lost.addReader('ann')]));
  await using found = await World.start();
  await found.stop();
  cpSync(lost.storageFolder, found.storageFolder, { recursive: true });
  await found.restart();
  await expect(found.call('catalogue.rebuild', {})).rejects.toMatchObject({
    code: 'storage-foreign',
    remedy: expect.stringContaining('recovery-key use'),
  });
  await expect(found.call('recovery-key.use', { identity: 'AGE-SECRET-KEY-1WRONG' })).rejects.toMatchObject({ code: 'bad-request' });
  await found.call('recovery-key.use', { identity: `${key.identity}\n` });
  expect(await found.call('catalogue.rebuild', {})).toMatchObject({ snapshots: 1, damaged: [] });
  expect(await found.restore('core')).toMatchObject({ verified: true });
  expect(await found.call('recovery-key.print', {})).toMatchObject({ identity: key.identity, fresh: false });
});

test('a sealed vault shows the recovery key only against its passphrase, and never in the log', async () => {
  const root = mkdtempSync(join(tmpdir(), 'gitprotect-recovery-'));
  const env = { GITPROTECT_PASSPHRASE: 'correct horse battery staple', GITPROTECT_VAULT: 'sealed-file' };
  const ask = (args: readonly string[], input = '') => command(join(root, 'home'), ['recovery-key', ...args], { env, input });
  try {
    expect(await ask([])).toMatchObject({ exitCode: 12, stdout: '', stderr: expect.stringContaining('--passphrase-stdin') });
    expect(await ask(['--passphrase-stdin'], 'guessed')).toMatchObject({ exitCode: 12, stdout: '' });
    expect(await ask(['list', '--json'])).toMatchObject({ exitCode: 0, stdout: '[]\n' });
    const { exitCode, stdout } = await ask(['--passphrase-stdin'], env.GITPROTECT_PASSPHRASE);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^AGE-SECRET-KEY-1[A-Z0-9]{58}\n/)]);
    expect(
      existsSync(join(root, 'home', 'logs', 'agent.log')) ? readFileSync(join(root, 'home', 'logs', 'agent.log'), 'utf8') : '',
    ).not.toContain(stdout.trim());
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
