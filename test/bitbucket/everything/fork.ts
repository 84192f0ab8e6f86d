import { addCommits } from '../history.ts';
import { copyRefs } from '../merging.ts';
import type { Repo, User } from '../model.ts';
import type { Simulator } from '../simulator.ts';

/** A fork of `repo` in its owner's personal project, a commit ahead on `everything/outside`. */
export async function personalFork({ state }: Simulator, repo: Repo, owner: User): Promise<Repo> {
  const project = state.projects.find((candidate) => candidate.owner === owner) ?? state.addPersonalProject(owner);
  const fork = state.addRepo({ project, name: `${repo.name}-outside`, origin: repo });
  await copyRefs(repo, fork, undefined);
  const files = { 'everything/outside.ts': 'export const outside = true;\n' };
  await addCommits(fork, [{ branch: 'everything/outside', from: 'refs/heads/main', files, time: 1_760_050_000 }]);
  return fork;
}
