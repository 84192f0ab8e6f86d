import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure, type Figures } from './measure.ts';

const agent = fileURLToPath(new URL('../../agent/bin/gitprotect-agent.js', import.meta.url));

/** An agent's home with one plan over one project, driven by the real command line. */
export interface PreparedAgent {
  /** `run … --wait` as a process of its own. */
  run(): Promise<Figures>;
  /** The same; `diskPeak` is the most its home held at any look, and looking takes time. */
  runWatched(): Promise<Figures & { readonly diskPeak: number }>;
  /** `restore … --to-folder`: decrypted, indexed, compared with its manifest and checked by git. */
  restore(repo: string, folder: string): Promise<Figures>;
  storageBytes(): number;
  /** Any other command. */
  command(args: readonly string[]): Promise<Figures>;
}

export async function prepareAgent({
  home,
  serverUrl,
  projectKey,
  token,
  gitAlone = false,
}: {
  home: string;
  serverUrl: string;
  projectKey: string;
  token: string;
  /** Leaves out everything beside git. */
  gitAlone?: boolean;
}): Promise<PreparedAgent> {
  const env = { GITPROTECT_HOME: home, GITPROTECT_VAULT: 'key-file' };
  const cli = (args: readonly string[], more: { input?: string; sample?: () => void } = {}) =>
    measure(process.execPath, [agent, ...args], env, more);
  await cli(['server', 'add', serverUrl]);
  await cli(['project', 'add', `${serverUrl}/projects/${projectKey}`]);
  await cli(['credential', 'add', '--server', serverUrl, '--token-stdin'], { input: token });
  await cli(['plan', 'add', 'Bench', '--project', projectKey, ...(gitAlone ? ['--leave-out', 'all'] : [])]);
  const run = ['run', 'Bench', '--wait', '--json'];
  return {
    run: () => cli(run),
    runWatched: async () => {
      let diskPeak = 0;
      const figures = await cli(run, {
        sample: () => void (diskPeak = Math.max(diskPeak, bytesBelow(home))),
      });
      return { ...figures, diskPeak };
    },
    restore: (repo, folder) => cli(['restore', repo, '--to-folder', folder]),
    command: (args) => cli(args),
    storageBytes: () => bytesBelow(join(home, 'storage')),
  };
}

/** Files of two names, as one has while it gets its own, count once. What goes while one looks does not count. */
function bytesBelow(folder: string): number {
  const sizes = new Map<number, number>();
  const look = (at: string): void => {
    for (const entry of namesIn(at)) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) look(path);
      const found = entry.isFile() ? statSync(path, { throwIfNoEntry: false }) : undefined;
      if (found !== undefined) sizes.set(found.ino, found.size);
    }
  };
  look(folder);
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function namesIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
