import { formatCount } from '@gitprotect/shared/format';
import type { Credential } from '@gitprotect/shared/credential';
import type { Plan } from '@gitprotect/shared/plan';
import { planAccounts } from '@gitprotect/shared/plan-accounts';
import type { Coverage, Project } from '@gitprotect/shared/repo';
import type { Run } from '@gitprotect/shared/run';
import { nextStart } from '@gitprotect/shared/window';
import type { CopyState } from '@gitprotect/shared/storage';
import type { Use } from '../credentials/in-use.ts';
import type { StoredPlan } from './plan-store.ts';

/** What a plan's view is made of. */
export interface Around {
  /** Credentials this plan uses, and for which of its projects. */
  readonly uses: readonly Use[];
  readonly credentials: readonly Credential[];
  readonly projects: readonly (Project & { readonly coverage: Coverage })[];
  readonly lastRun: Run | undefined;
  /** How far its copy is; `null` where there is none. */
  readonly copy: CopyState | null;
  /** Its run that is on its way. */
  readonly running: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A plan as pages and terminal show it: its accounts, whether they add throughput, when it runs, and what stands in its way. */
export function planView(plan: StoredPlan, around: Around): Plan {
  const accounts = planAccounts({ projectIds: plan.projectIds, credentialIds: plan.additional.credentialIds }, around.credentials);
  const projects = around.projects.filter((project) => plan.projectIds.includes(project.id));
  const known = projects.filter((project) => project.coverage.checkedAt !== null);
  return {
    id: plan.id,
    name: plan.name,
    projectIds: plan.projectIds,
    schedule: plan.schedule,
    window: plan.window,
    share: plan.share,
    keep: plan.keep,
    additional: plan.additional,
    leaveOut: plan.leaveOut,
    copyTo: plan.copyTo,
    createdAt: plan.createdAt,
    accounts,
    users: usersAtWork(around),
    repos: known.length === 0 ? null : known.reduce((sum, project) => sum + project.coverage.repos, 0),
    lastRun: around.lastRun === undefined ? null : briefly(around.lastRun),
    nextDue: nextText(plan, around),
    running: around.running,
    warnings: warningsOf(plan, { ...around, projects }),
  };
}

function briefly({ id, state, startedAt, endedAt }: Run): Plan['lastRun'] {
  return { id, state, startedAt, endedAt };
}

function nextText(plan: StoredPlan, { lastRun, now }: Around): string | null {
  const next = nextStart(plan, now, lastRun?.state === 'paused');
  return next === null ? null : new Date(next).toISOString();
}

/** Different buckets at work: tokens of one user share one; a project token has one of its own. */
function usersAtWork({ uses, credentials }: Around): number {
  const used = new Set(uses.map(({ credentialId }) => credentialId));
  const buckets = credentials.filter(({ id }) => used.has(id)).map(({ id, serverId, owner }) => `${serverId}/${owner?.slug ?? id}`);
  return new Set(buckets).size;
}

/** Warnings name this many repos of a project, and count the rest. */
const namedRepos = 10;

function warningsOf(plan: StoredPlan, { projects, credentials, uses, copy }: Around): string[] {
  const warnings: string[] = [];
  for (const project of projects) {
    const used = uses.filter(({ projectId }) => projectId === project.id).map(({ credentialId }) => credentialId);
    const working = credentials.filter(({ id, health }) => used.includes(id) && health.state !== 'expired' && health.state !== 'rejected');
    if (used.length === 0) warnings.push(`no credential for ${project.key}: nothing of it can be backed up`);
    else if (working.length === 0) warnings.push(`no working credential for ${project.key}: all of its accounts are expired or rejected`);
    const { uncovered } = project.coverage;
    const more = uncovered.length - namedRepos;
    // Without any account that is said already.
    if (used.length > 0) for (const slug of uncovered.slice(0, namedRepos)) warnings.push(`no enabled account sees ${project.key}/${slug}`);
    if (used.length > 0 && more > 0)
      warnings.push(`no enabled account sees ${formatCount(more, 'other repository', 'other repositories')} of ${project.key}`);
  }
  const idle = plan.additional.credentialIds.length;
  if (!plan.additional.enabled && idle > 0) {
    warnings.push(`Additional git credentials is off: ${idle} enabled ${idle === 1 ? 'account is' : 'accounts are'} not used`);
  }
  if (copy !== null && copy.behindSince !== null) {
    const why = copy.problem === null ? '' : `: ${copy.problem}`;
    warnings.push(
      `its copy is ${formatCount(copy.objects, 'object')} behind since ${copy.behindSince.slice(0, 16).replace('T', ' ')} UTC${why}`,
    );
  }
  return warnings;
}
