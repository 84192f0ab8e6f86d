import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Simulator } from '../bitbucket/simulator.ts';
import { measure, type Figures } from './measure.ts';
import { prepareAgent } from './prepare-agent.ts';

/** A repo on the server, and who may read it. */
export interface Target {
  readonly simulator: Simulator;
  readonly projectKey: string;
  readonly slug: string;
  readonly token: string;
}

/** One of everything, one after the other, from the same server. */
export interface Round {
  readonly clone: Figures;
  readonly backup: Figures;
  readonly unchanged: Figures;
  readonly restore: Figures;
  /** Bytes of the backup. */
  readonly storedBytes: number;
  /** The most that lay on disk beside the backup: a copy of the repo would show here. */
  readonly bytesBeside: number;
  /** Git requests of the unchanged run. */
  readonly unchangedRequests: number;
}

/** Runs a round in `folder`, which must exist, and leaves it as it was. */
export async function runRound({ simulator, projectKey, slug, token }: Target, folder: string): Promise<Round> {
  const mirror = join(folder, 'mirror.git');
  const home = join(folder, 'home');
  const restored = join(folder, 'restored.git');
  try {
    const clone = await measure(
      'git',
      ['clone', '--mirror', '--quiet', `${simulator.url}/scm/${projectKey.toLowerCase()}/${slug}.git`, mirror],
      {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'http.extraHeader',
        GIT_CONFIG_VALUE_0: `Authorization: Bearer ${token}`,
      },
    );
    await rm(mirror, { recursive: true });

    const agent = await prepareAgent({ home, serverUrl: simulator.url, projectKey, token });
    const backup = await agent.runWatched();
    const storedBytes = agent.storageBytes();
    const before = simulator.requests.length;
    const unchanged = await agent.run();
    const unchangedRequests = simulator.requests.slice(before).filter(({ git }) => git !== undefined).length;
    const restore = await agent.restore(`${projectKey}/${slug}`, restored);
    return { clone, backup, unchanged, restore, storedBytes, bytesBeside: Math.max(0, backup.diskPeak - storedBytes), unchangedRequests };
  } finally {
    for (const made of [mirror, home, restored]) await rm(made, { recursive: true, force: true });
  }
}
