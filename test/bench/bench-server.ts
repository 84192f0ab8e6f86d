import type { Repo } from '../bitbucket/model.ts';
import { Simulator, type SimulatorOptions } from '../bitbucket/simulator.ts';

/** The key of the one project there is. */
export const projectKey = 'BENCH';

/** A simulated Bitbucket with a project that one user may read. */
export interface BenchServer extends AsyncDisposable {
  readonly simulator: Simulator;
  /** That user's. */
  readonly token: string;
  /** Adds a repo; `folder` is a bare one that git reads. */
  addRepo(name: string, folder?: string): Repo;
}

export async function startBenchServer(options: SimulatorOptions = {}): Promise<BenchServer> {
  const simulator = await Simulator.start(options);
  const { state } = simulator;
  const user = state.addUser({ name: 'bench' });
  const project = state.addProject({ key: projectKey });
  state.grant(user, 'PROJECT_READ', project);
  const { secret } = state.addToken({ user, name: 'bench', permissions: ['PROJECT_READ', 'REPO_READ'] });
  return {
    simulator,
    token: secret,
    addRepo: (name, folder) => state.addRepo({ project, name, ...(folder === undefined ? {} : { folder }) }),
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}
