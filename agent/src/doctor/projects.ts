import type { Finding } from '@gitprotect/shared/finding';
import { formatCount } from '@gitprotect/shared/format';
import type { Plan } from '@gitprotect/shared/plan';
import type { ProjectView } from '@gitprotect/shared/protocol';
import { ok, problem, warning } from './finding.ts';

/** Whether every repo of a project is seen, and some plan backs it up. How its credentials fare is said of them. */
export function judgeProject(project: ProjectView, plans: readonly Pick<Plan, 'projectIds'>[]): Finding[] {
  const { id, key, coverage, credentialIds, ownCredentialId, bitbucketId } = project;
  const add = `gitprotect-agent credential add --project ${key} --token-stdin`;
  const findings: Finding[] = [];
  if (credentialIds.length === 0) findings.push(problem('project', `${key}: no credential sees it, so nothing of it is backed up`, add));
  else if (bitbucketId === null) {
    findings.push(warning('project', `${key}: no credential has seen it yet`, 'check its key and the rights of its credentials'));
  } else if (ownCredentialId === null) {
    findings.push(warning('project', `${key} has no credential of its own: only plans that enable an additional one back it up`, add));
  }
  if (credentialIds.length > 0 && coverage.uncovered.length > 0) {
    const [first = ''] = coverage.uncovered;
    const forget = `if it was deleted on purpose: gitprotect-agent project forget ${key}/${first}`;
    findings.push(problem('project', `${key}: no credential sees ${coverage.uncovered.join(', ')}`, `${add}; ${forget}`));
  }
  if (!plans.some(({ projectIds }) => projectIds.includes(id))) {
    findings.push(warning('project', `${key} is in no plan: it is not backed up`, `gitprotect-agent plan add NAME --project ${key}`));
  }
  if (findings.length > 0) return findings;
  return [ok('project', `${key}: ${formatCount(coverage.repos, 'repository', 'repositories')}, each seen by a credential`)];
}
