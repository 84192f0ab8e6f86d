import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure, type Figures } from './measure.ts';

const agent = fileURLToPath(new URL('../../agent/bin/gitprotect-agent.js', import.meta.url));

/** An agent's home with one plan over one project, driven by the real command line. */
export interface PreparedAgent {
  /** `run … --wait` as a process of its own; `diskPeak` is the most its home held at any look. */
  run(): Promise<Figures & { readonly diskPeak: number }>;
  storageBytes(): Promise<number>;
}

export async function prepareAgent({
  home,
  serverUrl,
  projectKey,
  token,
}: {
  home: string;
  serverUrl: string;
  projectKey: string;
  token: string;
}): Promise<PreparedAgent> {
  const env = { GITPROTECT_HOME: home, GITPROTECT_VAULT: 'key-file' };
  const cli = (args: readonly string[], more: { input?: string; sample?: () => void } = {}) =>
    measure(process.execPath, [agent, ...args], env, more);
  await cli(['server', 'add', serverUrl]);
  await cli(['project', 'add', `${serverUrl}/projects/${projectKey}`]);
  await cli(['credential', 'add', '--server', serverUrl, '--token-stdin'], { input: token });
  await cli(['plan', 'add', 'Bench', '--project', projectKey]);
  return {
    run: async () => {
      let diskPeak = 0;
      const figures = await cli(['run', 'Bench', '--wait'], { sample: () => void (diskPeak = Math.max(diskPeak, bytesBelow(home))) });
      return { ...figures, diskPeak };
    },
    storageBytes: async () => bytesBelow(join(home, 'storage')),
  };
}

function bytesBelow(folder: string): number {
  let total = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) total += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return total;
}
