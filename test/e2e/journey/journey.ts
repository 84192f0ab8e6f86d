import type { Page } from 'playwright-core';
import type { Project, User } from '../../bitbucket/model.ts';
import { Simulator, type SimulatorOptions } from '../../bitbucket/simulator.ts';
import { type Chromium, type ChromiumOptions, launchChromium } from '../browser/chromium.ts';
import { type RunningAgent, runAgent } from './agent.ts';
import { InShadow } from './in-shadow.ts';
import { builtExtension, enableSite, logIn, pair } from './steps.ts';

/** A Bitbucket, an agent that knows it, and a browser between them. */
export interface Journey extends AsyncDisposable {
  readonly bitbucket: Simulator;
  readonly agent: RunningAgent;
  readonly browser: Chromium;
  /** Who is logged in, in the browser. */
  readonly alice: User;
  /** May read the same project; its token is the project's own credential. */
  readonly bob: User;
  /** `SHOP`, with one repo and the plan *Nightly*. */
  readonly project: Project;
  /** A page of the browser, logged in as alice. */
  readonly page: Page;
  readonly ours: InShadow;
}

/** Everything up to the token page: agent and browser paired, site enabled, project and plan known, alice logged in. */
export async function startJourney(
  options: { readonly bitbucket?: SimulatorOptions; readonly chromium?: Omit<ChromiumOptions, 'extension'> } = {},
): Promise<Journey> {
  await using started = new AsyncDisposableStack();
  const bitbucket = started.use(await Simulator.start(options.bitbucket));
  const agent = started.use(await runAgent());
  const browser = started.use(await launchChromium({ extension: builtExtension('chrome'), ...options.chromium }));

  const { state } = bitbucket;
  const alice = state.addUser({ name: 'alice', displayName: 'Alice Example', password: 'alice' });
  const bob = state.addUser({ name: 'bob', displayName: 'Bob Builder', password: 'bob' });
  const project = state.addProject({ key: 'SHOP', name: 'Web shop' });
  state.addRepo({ project, name: 'storefront' });
  for (const user of [alice, bob]) state.grant(user, 'PROJECT_READ', project);

  const [page] = await Promise.all([browser.newPage(), pair(browser, agent)]);
  await enableSite(browser, bitbucket.url);
  await addOwnCredential(agent, bitbucket, bob);
  await logIn(page, bitbucket, alice);
  const ours = await InShadow.of(page);
  const running = started.move();
  return { bitbucket, agent, browser, alice, bob, project, page, ours, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** The project, the plan and the project's own credential, by command line. */
async function addOwnCredential(agent: RunningAgent, bitbucket: Simulator, owner: User): Promise<void> {
  const { secret } = bitbucket.state.addToken({ user: owner, name: 'of the project', permissions: ['PROJECT_READ', 'REPO_READ'] });
  const commands: readonly { args: readonly string[]; input?: string }[] = [
    { args: ['project', 'add', `${bitbucket.url}/projects/SHOP`] },
    { args: ['credential', 'add', '--server', bitbucket.url, '--project', 'SHOP', '--token-stdin'], input: secret },
    { args: ['plan', 'add', 'Nightly', '--project', 'SHOP'] },
  ];
  for (const { args, ...options } of commands) {
    const { exitCode, stderr } = await agent.cli(args, options);
    if (exitCode !== 0) throw new Error(`gitprotect-agent ${args.join(' ')}: ${stderr}`);
  }
}
