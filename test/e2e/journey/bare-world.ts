import type { Project, Repo, User } from '../../bitbucket/model.ts';
import { addCommits } from '../../bitbucket/history.ts';
import { Simulator } from '../../bitbucket/simulator.ts';
import { type Chromium, launchChromium } from '../browser/chromium.ts';
import { type RunningAgent, runAgent } from './agent.ts';
import { builtExtension, pair } from './steps.ts';

/** A Bitbucket, an agent that has never heard of it, and a browser paired with that agent. */
export interface BareWorld extends AsyncDisposable {
  readonly bitbucket: Simulator;
  readonly agent: RunningAgent;
  readonly browser: Chromium;
  /** Both may read everything in `SHOP`. */
  readonly alice: User;
  readonly bob: User;
  readonly project: Project;
  /** With commits. */
  readonly storefront: Repo;
  /** With commits. */
  readonly warehouse: Repo;
  /** A token that reads, of either. */
  tokenOf(user: User, name: string): { readonly secret: string; revoke(): void };
}

export async function startBareWorld(): Promise<BareWorld> {
  await using started = new AsyncDisposableStack();
  const bitbucket = started.use(await Simulator.start());
  const agent = started.use(await runAgent());
  const browser = started.use(await launchChromium({ extension: builtExtension('chrome') }));
  const { state } = bitbucket;
  const [alice, bob] = [state.addUser({ name: 'alice', password: 'alice' }), state.addUser({ name: 'bob', password: 'bob' })];
  const project = state.addProject({ key: 'SHOP', name: 'Web shop' });
  for (const user of [alice, bob]) state.grant(user, 'PROJECT_READ', project);
  const [storefront, warehouse] = [state.addRepo({ project, name: 'storefront' }), state.addRepo({ project, name: 'warehouse' })];
  for (const repo of [storefront, warehouse]) await addCommits(repo, [{ files: { 'README.md': `${repo.slug}\n` }, message: 'Begin' }]);
  await pair(browser, agent);
  const running = started.move();
  return {
    bitbucket,
    agent,
    browser,
    alice,
    bob,
    project,
    storefront,
    warehouse,
    tokenOf: (user, name) => {
      const token = state.addToken({ user, name, permissions: ['PROJECT_READ', 'REPO_READ'] });
      return { secret: token.secret, revoke: () => state.revokeToken(token) };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
