import type { Finding } from '@gitprotect/shared/finding';
import { asAppError } from '@gitprotect/shared/errors';
import { gitVersion } from '../git/git.ts';
import type { GitHost } from '../git/run-git.ts';
import { failed, ok, problem, warning } from './finding.ts';

const oldestNode = 24;

/** `version` as `process.versions.node` says it. */
export function judgeNode(version: string): Finding {
  if (Number.parseInt(version, 10) >= oldestNode) return ok('machine', `Node ${version}`);
  return problem('machine', `Node ${version} is too old`, `start it with npx gitprotect-agent, which brings Node ${oldestNode}`);
}

/** The first release of each line that holds the fixes of July 2025 (CVE-2025-48384, -48385, -48386: git's release notes 2.43.7 to 2.50.1). */
const fixedIn = new Map([
  [43, 7],
  [44, 4],
  [45, 4],
  [46, 4],
  [47, 3],
  [48, 2],
  [49, 1],
  [50, 1],
]);
const firstFixedLine = 51;
/** Older ones miss commands that a restore needs. */
const oldestLine = 30;

/** `version` as `git --version` says it, such as `2.39.5` or `2.50.1 (Apple Git-155)`. */
export function judgeGit(version: string): Finding {
  const [, major = 0, minor = 0, patch = 0] = (/^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? []).map(Number);
  if (major < 2 || (major === 2 && minor < oldestLine)) {
    return problem('machine', `git ${version} is too old`, `install git 2.${oldestLine} or newer`);
  }
  const fixed = major > 2 || minor >= firstFixedLine || patch >= (fixedIn.get(minor) ?? Infinity);
  if (fixed) return ok('machine', `git ${version}`);
  return warning(
    'machine',
    `git ${version} came out before the security fixes of July 2025`,
    'upgrade to 2.50.1 or newer; where the distribution puts the fixes into older versions, as Debian and Red Hat do, keep it up to date',
  );
}

/** What the machine brings along. */
export async function examineMachine(host: GitHost): Promise<Finding[]> {
  const git = await gitVersion(host).then(judgeGit, (error: unknown) =>
    asAppError(error).code === 'git-missing'
      ? problem('machine', 'git was not found: no backup can be restored or verified here', asAppError(error).remedy ?? null)
      : failed('machine', error),
  );
  return [judgeNode(process.versions.node), git];
}
