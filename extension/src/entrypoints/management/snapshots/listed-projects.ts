import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { ProjectView } from '../../../ui/words/safety.ts';

/** A project whose snapshots can be looked at. */
export interface ListedProject {
  readonly key: string;
  readonly name: string;
  readonly newestAt: string | null;
  /** Its snapshots are here, but the agent no longer backs it up. */
  readonly removed: boolean;
}

/** The agent's projects, one for each key, then those that only storage knows. Snapshots come newest first. */
export function listedProjects(projects: readonly ProjectView[], snapshots: readonly Snapshot[]): ListedProject[] {
  const here = [...new Map(projects.map((project) => [project.key, project])).values()];
  const newestOfOthers = new Map<string, string>();
  for (const { projectKey, takenAt } of snapshots) {
    if (here.some(({ key }) => key === projectKey) || newestOfOthers.has(projectKey)) continue;
    newestOfOthers.set(projectKey, takenAt);
  }
  return [
    ...here.map(({ key, name, lastSnapshotAt }) => ({ key, name: name ?? key, newestAt: lastSnapshotAt, removed: false })),
    ...[...newestOfOthers].map(([key, takenAt]) => ({ key, name: key, newestAt: takenAt, removed: true })),
  ];
}
