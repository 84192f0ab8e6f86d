import { join } from 'node:path';
import { RestoreReport } from '@gitprotect/shared/snapshot';
import type { Repo } from '../bitbucket/model.ts';
import type { RunningAgent } from '../e2e/journey/agent.ts';
import { allRefs, git } from '../repositories/real-git.ts';

/** Every ref and HEAD of every repo at one moment, as git itself lists them. */
export type Moment = ReadonlyMap<string, readonly string[]>;

export function momentOf(repos: readonly Repo[]): Moment {
  return new Map(repos.map((repo) => [repo.slug, [...allRefs(repo.folder), `HEAD ${headOf(repo.folder)}`]]));
}

/** Restores one snapshot of every repo by command line and compares with what git listed at that time. Throws at the first difference. */
export async function restoreAndCompare(
  agent: RunningAgent,
  { moment, snapshots, into }: { moment: Moment; snapshots: ReadonlyMap<string, string>; into: string },
): Promise<{ refs: number; bytes: number }> {
  const total = { refs: 0, bytes: 0 };
  for (const [slug, expected] of moment) {
    const folder = join(into, slug);
    const snapshot = snapshots.get(slug);
    if (snapshot === undefined) throw new Error(`there is no snapshot of ${slug}`);
    const report = await agent.ask(RestoreReport, ['restore', `ORCH/${slug}`, '--snapshot', snapshot, '--to-folder', folder]);
    const restored = [...allRefs(folder), `HEAD ${headOf(folder)}`];
    const differs = [...expected.filter((line) => !restored.includes(line)), ...restored.filter((line) => !expected.includes(line))];
    if (!report.verified || differs.length > 0)
      throw new Error(`${slug} came back different:\n${[...differs, ...report.differences, ...report.fsck].join('\n')}`);
    git(folder, ['fsck', '--full', '--strict']);
    total.refs += report.refs;
    total.bytes += report.bytes;
  }
  return total;
}

const headOf = (folder: string): string => git(folder, ['symbolic-ref', 'HEAD']).trim();
