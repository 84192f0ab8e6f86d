import type { Credential } from '@gitprotect/shared/credential';
import { formatCount } from '@gitprotect/shared/format';
import type { ProjectView } from '@gitprotect/shared/protocol';
import type { Project } from '@gitprotect/shared/repo';
import * as v from 'valibot';
import type { ProjectCoverage } from '../credentials/coverage.ts';

export interface ProjectFacts {
  readonly project: Project;
  readonly serverUrl: string;
  /** Those attached to it. */
  readonly credentials: readonly Credential[];
  readonly coverage: ProjectCoverage;
  readonly lastSnapshotAt: string | null;
}

/** A project with what its tile shows. Pure. */
export function projectView({
  project,
  serverUrl,
  credentials,
  coverage,
  lastSnapshotAt,
}: ProjectFacts): v.InferOutput<typeof ProjectView> {
  const { covered, uncovered } = coverage;
  const seenAt = [...covered, ...uncovered].map((repo) => repo.lastSeenAt).toSorted();
  return {
    ...project,
    serverUrl,
    credentialIds: credentials.map(({ id }) => id),
    ownCredentialId: ownOf(project.id, credentials)?.id ?? null,
    coverage: { repos: covered.length + uncovered.length, uncovered: uncovered.map(({ slug }) => slug), checkedAt: seenAt.at(-1) ?? null },
    lastSnapshotAt,
    warnings: warningsOf(project, credentials, coverage),
  };
}

function ownOf(projectId: string, credentials: readonly Credential[]): Credential | undefined {
  return credentials.find(({ attachments }) => attachments.some((attachment) => attachment.projectId === projectId && attachment.own));
}

function warningsOf({ id, bitbucketId }: Project, credentials: readonly Credential[], { uncovered }: ProjectCoverage): string[] {
  if (credentials.length === 0)
    return ['No credential sees it yet, so nothing is backed up: check its key, or add a credential that may read it'];
  const warnings: string[] = [];
  if (bitbucketId === null) warnings.push('No credential has seen this project yet: check its key and the rights of its credentials');
  if (ownOf(id, credentials) === undefined) {
    warnings.push(
      'No credential of its own: plans use only the additional ones they enable. Attach one again to make it the project’s own',
    );
  }
  if (uncovered.length > 0) warnings.push(`${formatCount(uncovered.length, 'repository', 'repositories')} that no credential sees`);
  return warnings;
}
