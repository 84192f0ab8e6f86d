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

/** How long the server takes for each answer: none does with nothing to do, and one that starts git for a listing takes longer than this. */
const answer = 5;

/**
 * How fast many repos are found unchanged: the agent, `git ls-remote` in a loop, and what a load generator draws from the same endpoint; of a server that
 * takes a few milliseconds for an answer, as the quickest do, and of one that takes no time at all, which leaves the clients' own cost.
 */
export async function unchangedFigures(count: number, folder: string) {
  // Listings are kept: else all three wait for the git that the simulator starts on the same processors.
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
    const urls = slugs.map((slug) => `${simulator.url}/scm/bench/${slug}.git`);
    // The first question of a repo is the one that starts git.
    await fetch(listingOf(urls[0]), { headers: { authorization: `Bearer ${token}` } }).then((body) => body.arrayBuffer());

    const before = simulator.requests.length;
    const commandRate = rateOf(v.parse(Run, JSON.parse((await agent.run()).stdout)), count);
    const asked = simulator.requests.slice(before);
    const gitRequests = asked.filter(({ git }) => git !== undefined).length;
    const late = simulator.faults.add({ kind: 'delay', milliseconds: answer }, { git: ['ls-refs', 'advertise'] });
    const usual = await rates(home, urls, token);
    late.remove();
    const instant = await rates(home, urls, token);
    return { repos: count, gitRequests, otherRequests: asked.length - gitRequests, commandRate, usual, instant };
  } finally {
    for (const made of [home, served]) await rm(made, { recursive: true, force: true });
  }
}

/** The three beside each other, a second. */
async function rates(home: string, urls: readonly string[], token: string) {
  const night: number[] = [];
  {
    await using staying = await startAgentThatStays(home);
    while (night.length < nights) night.push(rateOf(v.parse(Run, await staying.run()), urls.length));
  }
  const from = performance.now();
  await atOnce(urls.slice(0, remotes), together, async (url) => {
    await measure('git', ['-c', `http.extraHeader=Authorization: Bearer ${token}`, 'ls-remote', '--quiet', url], {});
  });
  const remoteMilliseconds = performance.now() - from;
  const shot = await measure(process.execPath, shotAt(listingOf(urls[0]), token), {});
  const { requests, duration, non2xx, errors } = v.parse(Shot, JSON.parse(shot.stdout));
  if (non2xx + errors > 0) throw new Error(`autocannon was refused ${non2xx + errors} times`);
  const agent = night.toSorted((a, b) => a - b)[Math.floor(nights / 2)] ?? 0;
  const remote = (Math.min(remotes, urls.length) / remoteMilliseconds) * 1000;
  const drawn = requests.total / duration;
  return { agent, remote, drawn, againstLsRemote: agent / remote, againstAutocannon: agent / drawn };
}

const listingOf = (url: string | undefined): string => `${url ?? ''}/info/refs?service=git-upload-pack`;

/** Unchanged repos a second. */
function rateOf({ startedAt, endedAt, counts }: v.InferOutput<typeof Run>, count: number): number {
  if (counts.unchanged !== count) throw new Error(`${counts.unchanged} of ${formatCount(count, 'repo')} were found unchanged`);
  return (count / (Date.parse(endedAt) - Date.parse(startedAt))) * 1000;
}

const shotAt = (url: string, token: string): string[] => {
  const headers = [`Authorization=Bearer ${token}`, 'Git-Protocol=version=2'].flatMap((header) => ['-H', header]);
  return [autocannon, '-j', '-n', '-c', String(together), '-d', String(seconds), ...headers, url];
};

/** A table for people. */
export function unchangedTable(figures: Awaited<ReturnType<typeof unchangedFigures>>): string {
  const rate = (value: number): string => `${value.toFixed(0)} a second`;
  const beside = (
    { agent, remote, drawn, againstLsRemote, againstAutocannon }: Awaited<ReturnType<typeof rates>>,
    words: string,
  ): string => `
  of a server that takes ${words} for an answer:
    an agent that stays         ${rate(agent)}
    git ls-remote in a loop     ${rate(remote)}, the agent ${againstLsRemote.toFixed(1)} × as fast
    autocannon on info/refs     ${rate(drawn)}, the agent ${againstAutocannon.toFixed(2)} × as fast`;
  return `
${formatCount(figures.repos, 'unchanged repo')}: ${formatCount(figures.gitRequests, 'git request')} and ${formatCount(figures.otherRequests, 'other')}, ${together} at once
  a command without an agent    ${rate(figures.commandRate)}${beside(figures.usual, `${answer} ms`)}${beside(figures.instant, 'no time')}`;
}
