import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentProcess } from '../agent-process.ts';
import { sampleWorld, type SampleWorld } from '../bitbucket/sample-world.ts';
import { Simulator } from '../bitbucket/simulator.ts';
import { addCommits } from '../bitbucket/history.ts';
import { allRefs } from '../repositories/real-git.ts';

const script = join(import.meta.dirname, '../../docs/restore-by-hand.sh');

/** A small company's Bitbucket and an operator who has nothing but the command line, beginning with an empty folder. */
describe('by command line alone', () => {
  let bitbucket: Simulator;
  let company: SampleWorld;
  let root: string;
  let agent: ReturnType<typeof agentProcess>;
  let secret: string;
  let key: string;

  beforeAll(async () => {
    bitbucket = await Simulator.start({ contextPath: '/bitbucket' });
    company = await sampleWorld(bitbucket);
    root = mkdtempSync(join(tmpdir(), 'gitprotect-cli-'));
    agent = agentProcess(join(root, 'home'));
    secret = bitbucket.state.addToken({ user: company.alice, name: 'cli', permissions: ['PROJECT_READ', 'REPO_READ'] }).secret;
  });
  afterAll(async () => {
    await bitbucket[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  });

  const shop = () => company.repos.filter(({ project }) => project === company.shop);

  test('a first backup is set up and made, and says what it did', async () => {
    await agent.json(['server', 'add', bitbucket.url]);
    await agent.json(['project', 'add', 'SHOP']);
    await agent.json(['credential', 'add', '--server', bitbucket.url, '--project', 'SHOP', '--token-stdin'], `${secret}\n`);
    await agent.json(['plan', 'add', 'Nightly', '--project', 'SHOP']);
    key = join(root, 'recovery.key');
    const recovery = (await agent.json(['recovery-key'])) as { identity: string };
    writeFileSync(key, `${recovery.identity}\n`, { mode: 0o600 });
    const { exitCode, stdout } = await agent.run(['run', 'Nightly', '--wait']);
    expect(stdout).toMatch(/Nightly .*succeeded.*: 4 saved, 0 unchanged, 0 failed/);
    expect(exitCode).toBe(0);
    expect((await agent.run(['run', 'Nightly', '--wait'])).stdout).toMatch(/0 saved, 4 unchanged, 0 failed/);
  });

  test('every repo is restored with the tools of any Debian: sh, age, zstd, git, and the recovery key', async () => {
    const storage = join(root, 'home', 'storage');
    const [server = ''] = readdirSync(join(storage, 'servers'));
    for (const repo of shop()) {
      const target = join(root, `by-hand-${repo.id}.git`);
      execFileSync('sh', [script, key, storage, `${server}/${repo.id}`, target], {
        env: { PATH: process.env['PATH'] ?? '' },
        stdio: 'pipe',
      });
      expect(allRefs(target)).toEqual(allRefs(repo.folder));
    }
  });

  test('restores into a folder say what they proved, and refuse one that is in use', async () => {
    for (const repo of shop()) {
      const folder = join(root, `restored-${repo.id}.git`);
      expect(await agent.json(['restore', `SHOP/${repo.slug}`, '--to-folder', folder])).toMatchObject({ verified: true, differences: [] });
      expect(allRefs(folder)).toEqual(allRefs(repo.folder));
    }
    const [repo] = shop();
    const again = await agent.run(['restore', `SHOP/${repo?.slug}`, '--to-folder', join(root, `restored-${repo?.id}.git`)]);
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('folder-not-empty') });
  });

  test('a run in which one repo fails exits with 3 and names it', async () => {
    const [hit] = shop();
    if (hit === undefined) throw new Error('there is a repo');
    await addCommits(hit, [{ files: { 'new.txt': 'new\n' } }]);
    const fault = bitbucket.faults.add({ kind: 'login-page' }, { repo: `SHOP/${hit.slug}`, git: ['ls-refs', 'advertise'] });
    const { exitCode, stdout } = await agent.run(['run', 'Nightly', '--wait']);
    fault.remove();
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(new RegExp(`SHOP/${hit.slug} +failed`));
    expect(stdout).toContain('a web page instead of git');
  });

  test('with the agent running the same commands go through it, and end when it is told to stop', async () => {
    const serving = await agent.serve();
    expect((await agent.run(['run', 'Nightly', '--wait'])).stdout).toMatch(/Nightly .*succeeded/);
    expect((await agent.run(['start', '--port', '0'])).exitCode).toBe(1);
    expect(await serving.stop('SIGINT')).toMatchObject({ exitCode: 0 });
    expect((await agent.run(['runs'])).exitCode).toBe(0);
  });

  test('a verification reads every byte and rebuilds every repo, and names what one changed byte has damaged', async () => {
    const whole = await agent.run(['verify', '--drill']);
    expect(whole).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^verified: \d+ snapshots of 4 repositories.*; 4 repositories rebuilt/),
    });
    const storage = join(root, 'home', 'storage');
    const [bundle] = readdirSync(storage, { recursive: true, withFileTypes: true }).filter(({ name }) => name.endsWith('.bundle.age'));
    if (bundle === undefined) throw new Error('there is a bundle');
    const file = join(bundle.parentPath, bundle.name);
    const before = readFileSync(file);
    const after = Buffer.from(before);
    after[1000] = (after[1000] ?? 0) ^ 1;
    writeFileSync(file, after);
    const damaged = await agent.run(['verify']);
    writeFileSync(file, before);
    expect(damaged).toMatchObject({ exitCode: 1, stdout: expect.stringContaining(bundle.name) });
    expect((await agent.run(['verify'])).exitCode).toBe(0);
    expect(existsSync(join(root, 'home', 'scratch'))).toBe(false);
  });

  test('no secret is in what was printed, logged or stored in the open', () => {
    const home = join(root, 'home');
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const content = readFileSync(join(file.parentPath, file.name));
      expect([file.name, content.includes(secret)]).toEqual([file.name, false]);
    }
  });
});
