import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atOnce } from '@gitprotect/agent/lib/at-once';
import { formatCount } from '@gitprotect/shared/format';
import * as v from 'valibot';
import { longHistory } from '../repositories/long-history.ts';
import { startAgentThatStays } from './agent-that-stays.ts';
import { projectKey, startBenchServer } from './bench-server.ts';
import { measure } from './measure.ts';
import { prepareAgent } from './prepare-agent.ts';

/** As many requests at once as the agent makes of git, for each of the three. */
const together = 4;
/** `git ls-remote` is so much slower that a part of the repos tells its speed. */
const remotes = 200;
/** Runs of an agent that stays; the one in the middle counts. */
const nights = 5;
/** How long autocannon draws. */
const seconds = 5;

const Run = v.object({ startedAt: v.string(), endedAt: v.string(), counts: v.object({ unchanged: v.number() }) });
const Shot = v.object({ requests: v.object({ total: v.number() }), duration: v.number(), non2xx: v.number(), errors: v.number() });
const autocannon = fileURLToPath(import.meta.resolve('autocannon'));

/** How fast many repos are found unchanged: the agent, `git ls-remote` in a loop, and what a load generator draws from the same endpoint. */
export async function unchangedFigures(count: number, folder: string) {
  // Listings are kept, as Bitbucket keeps them: else all three wait for the git that the simulator starts.
  await using server = await startBenchServer({ keepListings: true });
  const { simulator, token } = server;
  const served = join(folder, 'served.git');
  await longHistory(served, { commits: 50 });
  const slugs = Array.from({ length: count }, (_, index) => server.addRepo(`repo-${index}`, served).slug);
  const home = join(folder, 'unchanged');
  await mkdir(home, { recursive: true, mode: 0o700 });
  try {
    const agent = await prepareAgent({ home, serverUrl: simulator.url, projectKey, token, gitAlone: true });
    await agent.run();
    const urlOf = (slug: string | undefined): string => `${simulator.url}/scm/bench/${slug ?? ''}.git`;
    // The first question of a repo is the one that starts git.
    const advertisement = `${urlOf(slugs[0])}/info/refs?service=git-upload-pack`;
    await fetch(advertisement, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.arrayBuffer());

    const before = simulator.requests.length;
    const once = rateOf(v.parse(Run, JSON.parse((await agent.run()).stdout)), count);
    const asked = simulator.requests.slice(before);
    const gitRequests = asked.filter(({ git }) => git !== undefined).length;
    const night: number[] = [];
    {
      await using staying = await startAgentThatStays(home);
      while (night.length < nights) night.push(rateOf(v.parse(Run, await staying.run()), count));
    }

    const from = performance.now();
    await atOnce(slugs.slice(0, remotes), together, async (slug) => {
      await measure('git', ['-c', `http.extraHeader=Authorization: Bearer ${token}`, 'ls-remote', '--quiet', urlOf(slug)], {});
    });
    const remoteMilliseconds = performance.now() - from;

    const shot = await measure(process.execPath, shotAt(advertisement, token), {});
    const { requests, duration, non2xx, errors } = v.parse(Shot, JSON.parse(shot.stdout));
    if (non2xx + errors > 0) throw new Error(`autocannon was refused ${non2xx + errors} times`);
    const agentRate = night.toSorted((a, b) => a - b)[Math.floor(nights / 2)] ?? 0;
    const remoteRate = (Math.min(remotes, count) / remoteMilliseconds) * 1000;
    const drawnRate = requests.total / duration;
    return {
      repos: count,
      gitRequests,
      otherRequests: asked.length - gitRequests,
      commandRate: once,
      agentRate,
      remoteRate,
      drawnRate,
      againstLsRemote: agentRate / remoteRate,
      againstAutocannon: agentRate / drawnRate,
    };
  } finally {
    for (const made of [home, served]) await rm(made, { recursive: true, force: true });
  }
}

/** Repos a second of a run that found all of them unchanged, as it must. */
function rateOf({ startedAt, endedAt, counts: { unchanged } }: v.InferOutput<typeof Run>, repos: number): number {
  if (unchanged !== repos) throw new Error(`only ${unchanged} of ${repos} were unchanged`);
  return (repos / (Date.parse(endedAt) - Date.parse(startedAt))) * 1000;
}

const shotAt = (url: string, token: string): string[] => {
  const headers = [`Authorization=Bearer ${token}`, 'Git-Protocol=version=2'].flatMap((header) => ['-H', header]);
  return [autocannon, '-j', '-n', '-c', String(together), '-d', String(seconds), ...headers, url];
};

/** A table for people. */
export function unchangedTable(figures: Awaited<ReturnType<typeof unchangedFigures>>): string {
  const rate = (value: number): string => `${value.toFixed(0)} a second`;
  return `
${formatCount(figures.repos, 'unchanged repo')}: ${formatCount(figures.gitRequests, 'git request')} and ${formatCount(figures.otherRequests, 'other')}, ${together} at once
  a command without an agent    ${rate(figures.commandRate)}
  an agent that stays           ${rate(figures.agentRate)}
  git ls-remote in a loop       ${rate(figures.remoteRate)}, the agent ${figures.againstLsRemote.toFixed(1)} × as fast
  autocannon on info/refs       ${rate(figures.drawnRate)}, the agent ${figures.againstAutocannon.toFixed(2)} × as fast`;
}
