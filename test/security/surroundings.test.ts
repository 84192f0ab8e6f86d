import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCommits } from '../bitbucket/history.ts';
import { command, startAgent } from '../command-line.ts';
import { prepare, type Prepared } from '../integration/prepared-home.ts';

/** What the machine and the server put in the way of a backup: it neither runs nor spoils anything. */
let world: Prepared;
let root: string;
beforeAll(async () => {
  world = await prepare();
  ({ root } = world);
  await addCommits(world.repo, [hostileCommit()]);
  hostileRefs(world.repo.folder);
});
afterAll(async () => world[Symbol.asyncDispose]());

/** A shell line that leaves proof of having run. */
const marker = (): string => join(root, 'marker');
const proof = (): string => `touch ${marker()}`;
const git = (dir: string, ...args: string[]): string => execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8' });

describe('the git of a user who set it up to run things', () => {
  /** HOME, templates, hooks, variables and configuration, all of which would leave the marker. */
  function trapped(): Record<string, string> {
    const user = join(root, 'user');
    const hooks = join(user, 'template', 'hooks');
    mkdirSync(hooks, { recursive: true });
    for (const name of [
      'post-checkout',
      'reference-transaction',
      'post-update',
      'pre-receive',
      'post-receive',
      'update',
      'post-index-change',
    ]) {
      writeFileSync(join(hooks, name), `#!/bin/sh\n${proof()}\n`, { mode: 0o755 });
    }
    const config = `[core]\n\thooksPath = ${hooks}\n\tfsmonitor = "${proof()}"\n\tsshCommand = "${proof()}"\n\tpager = "${proof()}"\n[init]\n\ttemplateDir = ${dirname(hooks)}\n\tdefaultObjectFormat = sha256\n[alias]\n\tindex-pack = "!${proof()}"\n[transfer]\n\tfsckObjects = true\n[safe]\n\tbareRepository = explicit\n`;
    writeFileSync(join(user, '.gitconfig'), config);
    writeFileSync(join(user, 'askpass'), `#!/bin/sh\n${proof()}\n`, { mode: 0o755 });
    return {
      HOME: user,
      XDG_CONFIG_HOME: user,
      GIT_CONFIG_GLOBAL: join(user, '.gitconfig'),
      GIT_CONFIG_SYSTEM: join(user, '.gitconfig'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: hooks,
      GIT_CONFIG_PARAMETERS: `'core.hooksPath=${hooks}'`,
      GIT_TEMPLATE_DIR: dirname(hooks),
      GIT_DIR: join(user, 'elsewhere.git'),
      GIT_WORK_TREE: user,
      GIT_INDEX_FILE: join(user, 'index'),
      GIT_OBJECT_DIRECTORY: join(user, 'objects'),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: join(user, 'objects'),
      GIT_NAMESPACE: 'theirs',
      GIT_EXEC_PATH: user,
      GIT_SSH_COMMAND: proof(),
      GIT_ASKPASS: join(user, 'askpass'),
      GIT_PAGER: proof(),
      GIT_EXTERNAL_DIFF: join(user, 'askpass'),
      GIT_TRACE: join(root, 'trace'),
      LC_ALL: 'de_DE.UTF-8',
    };
  }

  test('has no part in a backup or a restore', async () => {
    const home = world.home();
    const env = trapped();
    const folder = join(root, 'restored-in-a-trap');
    const run = await command(home, ['run', 'nightly', '--wait'], { env });
    expect(run).toMatchObject({ exitCode: 0 });
    const restored = await command(home, ['restore', 'ORCH/core', '--to-folder', folder], { env });
    expect(restored.stdout).toContain('restored and verified');
    expect(git(folder, 'rev-parse', '--show-object-format').trim()).toBe('sha1');
    expect(existsSync(marker())).toBe(false);
    expect(existsSync(join(root, 'trace'))).toBe(false);
    expect(readdirSync(env['HOME'] ?? '').toSorted()).toEqual(['.gitconfig', 'askpass', 'template']);
    // The trap is one: git in the same surroundings, but without our care, walks into it.
    execFileSync('git', ['init', '--quiet', join(root, 'careless')], { env: { PATH: process.env['PATH'] ?? '', HOME: env['HOME'] ?? '' } });
    expect(existsSync(join(root, 'careless', '.git', 'hooks', 'post-checkout'))).toBe(true);
  });

  test('that is not there is said to be missing; the backup needs none, and its proof does', async () => {
    const home = world.home();
    const env = { PATH: join(root, 'nowhere') };
    const run = await command(home, ['run', 'nightly', '--wait'], { env });
    // Saved, and not proven: the drill after it rebuilds with git.
    expect(run.stdout).toMatch(/: 1 saved, 0 unchanged, 0 failed/);
    expect(run.exitCode).toBe(4);
    const { exitCode, stderr } = await command(home, ['restore', 'ORCH/core', '--to-folder', join(root, 'without-git')], { env });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/git was not found on this machine \[git-missing\]\n {2}→ install git/);
    expect(existsSync(join(root, 'without-git'))).toBe(false);
  });
});

describe('a repo made to harm whoever restores it', () => {
  test('comes back as it was, bare, and nothing of it runs', async () => {
    const home = world.home();
    const folder = join(root, 'restored');
    await world.done(home, ['run', 'nightly', '--wait']);
    const report = await world.done(home, ['restore', 'ORCH/core', '--to-folder', folder]);
    expect(report).toMatchObject({ verified: true, differences: [] });
    expect(git(folder, 'show-ref')).toBe(git(world.repo.folder, 'show-ref'));
    expect(git(folder, 'ls-tree', '-r', '--name-only', 'main').split('\n')).toContain('.gitmodules');
    expect(readFileSync(join(folder, 'config'), 'utf8')).toMatch(/bare = true/);
    // No work tree, no hooks, and no files where refs have odd names.
    expect(readdirSync(folder).toSorted()).toEqual(['HEAD', 'config', 'gitprotect', 'objects', 'packed-refs', 'refs']);
    expect(readdirSync(join(folder, 'refs'), { recursive: true }).map(String).toSorted()).toEqual(['heads', 'tags']);
    expect(existsSync(marker())).toBe(false);
  });

  test('whose server names refs that would leave the folder is refused, and the last good backup stays', async () => {
    const home = world.home();
    await world.done(home, ['run', 'nightly', '--wait']);
    const main = git(world.repo.folder, 'rev-parse', 'main').trim();
    const file = join(world.repo.folder, 'packed-refs');
    const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
    writeFileSync(file, `${before}${main} refs/heads/../../../escaped\n`);
    const { stdout } = await command(home, ['run', 'nightly', '--wait']);
    writeFileSync(file, before);
    // Git's own server drops such a name, with a warning on its side; what reaches us must not hold it.
    expect(stdout).toMatch(/ORCH\/core +(?:failed|unchanged)/);
    const snapshots = await world.done(home, ['snapshots']);
    expect(JSON.stringify(snapshots)).not.toContain('escaped');
    expect(existsSync(join(root, 'escaped'))).toBe(false);
  });
});

describe('a started agent', () => {
  test.runIf(process.platform === 'linux')('listens on the loopback address alone', async () => {
    await using agent = await startAgent(world.home());
    const port = agent.port.toString(16).toUpperCase().padStart(4, '0');
    const listening = ['tcp', 'tcp6']
      .flatMap((table) => readFileSync(`/proc/net/${table}`, 'latin1').split('\n'))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${port}`) === true)
      .map(([, local]) => local);
    expect(listening).toEqual([`0100007F:${port}`]);
  });

  test.runIf(process.getuid?.() === 0)('serves no other user of the machine', async () => {
    await using agent = await startAgent(world.home());
    const knock = join(root, 'knock.mjs');
    writeFileSync(
      knock,
      `import { get } from 'node:http';
       import { cliOrigin, subprotocol } from ${JSON.stringify(new URL('../../shared/src/handshake.ts', import.meta.url).href)};
       const headers = { Origin: cliOrigin, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
         'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Protocol': subprotocol };
       const request = get({ host: '127.0.0.1', port: process.argv[2], headers });
       request.on('response', ({ statusCode }) => { console.log(statusCode); process.exit(); });
       request.on('upgrade', () => { console.log(101); process.exit(); });`,
    );
    chmodSync(root, 0o755);
    const as = (uid: number): string => {
      const user = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
      return execFileSync('setpriv', [...user, process.execPath, knock, String(agent.port)], { encoding: 'utf8' }).trim();
    };
    expect(as(0)).toBe('101');
    expect(as(65_534)).toBe('403');
  });
});

/** Submodules with commands for URLs, links out of the tree, hooks, and names that are options. */
function hostileCommit() {
  return {
    branch: 'main',
    files: {
      '.gitmodules': `[submodule "a\r"]\n\tpath = a\n\turl = ext::sh -c ${proof()}\n\tupdate = !${proof()}\n[submodule "--upload-pack=${proof()}"]\n\tpath = b\n\turl = -u./payload\n`,
      '.gitattributes': '* filter=run diff=run\n',
      '.git-hooks/post-checkout': `#!/bin/sh\n${proof()}\n`,
      '--upload-pack=touch': 'an option\n',
      'CON/aux.txt': 'a device\n',
    },
  };
}

/** Refs whose names look like options or commands; all of them legal. */
function hostileRefs(dir: string): void {
  const main = git(dir, 'rev-parse', 'main').trim();
  for (const name of [
    'refs/heads/--upload-pack=x',
    'refs/heads/-rf',
    'refs/tags/$(id>marker)',
    'refs/heads/`id`',
    'refs/heads/a;b',
    'refs/heads/HEAD',
    'refs/tags/;|&"\'',
  ]) {
    execFileSync('git', ['-C', dir, 'update-ref', '--stdin'], { input: `create "${name.replace(/["\\]/g, '\\$&')}" ${main}\n` });
  }
  const link = execFileSync('git', ['-C', dir, 'hash-object', '-w', '--stdin'], { input: '/etc/passwd', encoding: 'utf8' }).trim();
  const tree = execFileSync('git', ['-C', dir, 'mktree'], { input: `120000 blob ${link}\tlink\n`, encoding: 'utf8' }).trim();
  const commit = execFileSync('git', ['-C', dir, '-c', 'user.name=x', '-c', 'user.email=x', 'commit-tree', '-m', 'link', tree], {
    encoding: 'utf8',
  }).trim();
  git(dir, 'update-ref', 'refs/heads/links', commit);
}
