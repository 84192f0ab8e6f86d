import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerRestoreReport } from '@gitprotect/shared/restore';
import type { Token } from '../bitbucket/model.ts';
import { Simulator } from '../bitbucket/simulator.ts';
import { repositoryFixtures } from '../repositories/fixtures.ts';
import { allRefs, gitEnvironment } from '../repositories/real-git.ts';
import { World } from '../world.ts';

const run = promisify(execFile);
/** Bitbucket makes repos with SHA-1 alone. */
const fixtures = repositoryFixtures
  .map(({ name }, index) => ({ name, slug: `fixture-${index}`, index }))
  .filter(({ name }) => name !== 'sha256');

function fsck(dir: string): string[] {
  const { stderr } = spawnSync('git', ['fsck', '--full', '--no-dangling'], { cwd: dir, env: gitEnvironment, encoding: 'utf8' });
  return stderr
    .split('\n')
    .filter((line) => /^(?:error|warning|missing|broken)/.test(line))
    .toSorted();
}

/** Branches and tags: what a server takes from others. */
const branchesAndTags = (dir: string): string[] =>
  allRefs(dir).filter((line) => /refs\/(?:heads|tags)\//.test(line) && !line.startsWith('HEAD'));

describe('repos as servers have them, restored into another Bitbucket', () => {
  let world: World;
  let other: Simulator;
  let writer: Token;
  let serverId: string;

  beforeAll(async () => {
    world = await World.start();
    other = await Simulator.start({ clock: world.clock });
    for (const { index, slug } of fixtures) {
      const folder = join(world.root, 'sources', `${index}.git`);
      await repositoryFixtures[index]?.create(folder);
      world.addRepo(slug, folder);
    }
    await world.run(await world.plan([world.addReader('ada')]));
    const target = other.state.addProject({ key: 'BACK', name: 'Back' });
    const owner = other.state.addUser({ name: 'restorer' });
    other.state.grant(owner, 'PROJECT_ADMIN', target);
    writer = other.state.addToken({ user: owner, name: 'restore', permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] });
    serverId = (await world.call('server.add', { url: other.url })).id;
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  const restore = (slug: string): Promise<ServerRestoreReport> =>
    world.call('restore.to-server', {
      repos: [{ repo: { projectKey: world.project.key, slug } }],
      to: { serverId, projectKey: 'BACK' },
      token: writer.secret,
    });

  test.each(fixtures)('$name has the same branches, tags and objects for a real clone', async ({ slug, index }) => {
    const source = join(world.root, 'sources', `${index}.git`);
    expect(await restore(slug)).toMatchObject({ verified: true });
    const clone = join(world.root, 'clones', `${index}.git`);
    const header = `http.extraHeader=Authorization: Bearer ${writer.secret}`;
    await run('git', ['-c', header, 'clone', '--quiet', '--mirror', `${other.url}/scm/back/${slug}.git`, clone], { env: gitEnvironment });
    expect(branchesAndTags(clone)).toEqual(branchesAndTags(source));
    const complaints = fsck(clone);
    // A history may have flaws of its own, and is brought back with them.
    expect(complaints).toEqual(complaints.length === 0 ? [] : fsck(source));
  });
});
