import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Project, Repo, Token, User } from '../bitbucket/model.ts';
import { Simulator, type SimulatorOptions } from '../bitbucket/simulator.ts';
import { addCommits } from '../bitbucket/history.ts';
import { command, type ProcessOptions } from '../command-line.ts';

/** A Bitbucket with a project of one repo, and a home made by real commands that knows it. */
export interface Prepared extends AsyncDisposable {
  readonly bitbucket: Simulator;
  readonly root: string;
  readonly jane: User;
  readonly orchard: Project;
  readonly repo: Repo;
  readonly token: Token;
  /** Id of the credential that is stored. */
  readonly credentialId: string;
  /** A home of its own: a copy of one with server, project ORCH, credential and plan “nightly”. */
  home(config?: Readonly<Record<string, unknown>>): string;
  /** A home in which nothing is known yet. */
  emptyHome(config?: Readonly<Record<string, unknown>>): string;
  /** Runs a command that must succeed; its result. */
  done(home: string, args: readonly string[], options?: ProcessOptions): Promise<unknown>;
}

/** No keychain is asked, and what does not answer is given up soon. */
const usual = { vault: 'key-file', timeouts: { connect: 2, headers: 5, stall: 5 } };

export async function prepare(options: SimulatorOptions = {}): Promise<Prepared> {
  const bitbucket = await Simulator.start(options);
  const root = mkdtempSync(join(tmpdir(), 'gitprotect-hostile-'));
  const { state } = bitbucket;
  const jane = state.addUser({ name: 'jane' });
  const orchard = state.addProject({ key: 'ORCH', name: 'Orchard' });
  state.grant(jane, 'PROJECT_READ', orchard);
  const repo = state.addRepo({ project: orchard, name: 'core' });
  await addCommits(repo, [{ files: { 'README.md': 'The orchard' } }]);
  const token = state.addToken({ user: jane, name: 'backup', permissions: ['PROJECT_READ', 'REPO_READ'] });

  let homes = 0;
  const newHome = (from: string | null, config: Readonly<Record<string, unknown>> = {}): string => {
    homes += 1;
    const home = mkdtempSync(join(root, `home-${homes}-`));
    if (from !== null) cpSync(from, home, { recursive: true });
    writeFileSync(join(home, 'config.json'), JSON.stringify({ ...usual, ...config }), { mode: 0o600 });
    return home;
  };
  const done = async (home: string, args: readonly string[], more?: ProcessOptions): Promise<unknown> => {
    const { exitCode, stdout, stderr } = await command(home, [...args, '--json'], more);
    if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}: ${stderr}`);
    return JSON.parse(stdout);
  };

  const template = newHome(null);
  await done(template, ['project', 'add', `${bitbucket.url}/projects/ORCH`]);
  await done(template, ['credential', 'add', '--token-stdin'], { input: token.secret });
  await done(template, ['plan', 'add', 'nightly', '--project', 'ORCH', '--manual']);
  // The storage is made at its first use.
  await done(template, ['status']);
  const [credential] = (await done(template, ['credential', 'list'])) as { id: string }[];

  return {
    bitbucket,
    root,
    jane,
    orchard,
    repo,
    token,
    credentialId: credential?.id ?? '',
    home: (config) => newHome(template, config),
    emptyHome: (config) => newHome(null, config),
    done,
    [Symbol.asyncDispose]: async () => {
      await bitbucket[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
