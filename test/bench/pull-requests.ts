import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import { addComment } from '../bitbucket/comments.ts';
import { manyPullRequests } from '../bitbucket/many-pull-requests.ts';
import { projectKey, startBenchServer } from './bench-server.ts';
import { prepareAgent } from './prepare-agent.ts';

const [comments, changed] = [30, 5] as const;

/** Backs up a repo of many pull requests, with the agent in a process of its own, then again when a few of them have changed. */
export async function pullRequestFigures(count: number, folder: string) {
  await using server = await startBenchServer();
  const { simulator, token } = server;
  const repo = server.addRepo('repo');
  const pulls = await manyPullRequests(simulator, repo, { count, comments });
  const home = join(folder, 'many');
  await mkdir(home, { recursive: true, mode: 0o700 });
  try {
    const agent = await prepareAgent({ home, serverUrl: simulator.url, projectKey, token });
    const asked = (from: number): number =>
      simulator.requests.slice(from).filter(({ path }) => /\/repo\/pull-requests(?:\/|$)/.test(path)).length;
    const first = await agent.run();
    const firstRequests = asked(0);
    for (const pull of pulls.filter((_, index) => index % Math.ceil(count / changed) === 0))
      addComment({ repo, pull }, { user: pull.author, at: Date.now() }, { text: 'One more' });
    const before = simulator.requests.length;
    const second = await agent.run();
    return {
      pullRequests: count,
      comments,
      changed,
      storedBytes: agent.storageBytes(),
      firstMilliseconds: first.milliseconds,
      firstRequests,
      firstPeakMemory: first.peakMemory,
      secondMilliseconds: second.milliseconds,
      secondRequests: asked(before),
      secondPeakMemory: second.peakMemory,
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** A table for people. */
export function pullRequestTable(figures: Awaited<ReturnType<typeof pullRequestFigures>>): string {
  const line = (milliseconds: number, requests: number, memory: number): string =>
    `${formatDuration(milliseconds).padEnd(8)} ${formatCount(requests, 'request')} for pull requests, agent memory at its peak ${formatBytes(memory)}`;
  return `
${formatCount(figures.pullRequests, 'pull request')} of ${formatCount(figures.comments, 'comment')} each: ${formatBytes(figures.storedBytes)} stored
  first backup                  ${line(figures.firstMilliseconds, figures.firstRequests, figures.firstPeakMemory)}
  with ${figures.changed} of them changed        ${line(figures.secondMilliseconds, figures.secondRequests, figures.secondPeakMemory)}`;
}
