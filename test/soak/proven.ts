import { join } from 'node:path';
import type { App } from '@gitprotect/agent/app';
import { storedIn } from '@gitprotect/agent/catalogue/manifest';
import { drill } from '@gitprotect/agent/proof/drill';
import { manifestName } from '@gitprotect/agent/storage/layout';
import type { Repo } from '../bitbucket/model.ts';
import { allRefs } from '../repositories/real-git.ts';
import { manifestsIn } from './seen-snapshots.ts';

const { signal } = new AbortController();

/** Snapshots that were rebuilt from storage and compared, each with the objects that was done from: from those it is done once. */
export class Proven {
  readonly #proven = new Set<string>();

  /** How many rebuilds there were. */
  get count(): number {
    return this.#proven.size;
  }

  /**
   * Rebuilds the snapshots an agent lists and compares ref by ref; not those that were rebuilt before from the same objects, whose bytes storage's invariants compare.
   * @param most so many at most @returns what is wrong with each, by the name of its manifest
   */
  async drill(app: App, most = Infinity): Promise<ReadonlyMap<string, readonly string[]>> {
    const { catalogue, plain, keys } = await app.place(signal);
    const { config, clock } = app;
    const options = { scratch: join(config.home, 'scratch'), host: { machine: config.machine, signal } };
    const wrong = new Map<string, readonly string[]>();
    let done = 0;
    for (const snapshot of await catalogue.list()) {
      if (done >= most) break;
      const entry = await catalogue.find({ repo: snapshot, snapshotId: snapshot.id });
      const read = await catalogue
        .manifest(entry, { signal })
        .catch((error: unknown) => (error instanceof Error ? error.message : 'unknown error'));
      const from = typeof read === 'string' ? read : JSON.stringify([entry.manifestSha256, storedIn(read.manifest)]);
      if (this.#proven.has(from)) continue;
      done += 1;
      const problems =
        typeof read === 'string' ? [read] : (await drill({ catalogue, storage: plain, keys, clock }, entry, options)).drilled.problems;
      if (problems.length === 0) this.#proven.add(from);
      else wrong.set(manifestName(snapshot, snapshot.id), problems);
    }
    return wrong;
  }
}

/** Where an agent's newest snapshots are not of what Bitbucket has, and where its list of snapshots and the signed lists do not agree with the storage's folder. */
export async function staleIn(app: App, repos: readonly Repo[], folder: string): Promise<string[]> {
  const { catalogue, ledger } = await app.place(signal);
  const [server] = await app.servers.list();
  const serverId = server?.id ?? '';
  const stale: string[] = [];
  for (const { id: repoId, folder: served, slug } of repos) {
    const { refs } = await catalogue.manifest(await catalogue.find({ repo: { serverId, repoId } }), { signal });
    const saved = [...refs].map(([name, { oid }]) => `${oid} ${name}`).toSorted();
    const there = allRefs(served).filter((line) => /^[0-9a-f]+ refs\//.test(line) && !line.endsWith('^{}'));
    if (saved.join() !== there.toSorted().join()) stale.push(`${slug} is not saved as it is: ${saved.join()}`);
  }
  const there = manifestsIn(folder);
  const said = {
    'the list of snapshots': new Set((await catalogue.list()).map((one) => manifestName(one, one.id))),
    'the signed lists': new Set([...(await ledger.standing(serverId, signal)).keys()].filter((name) => name.includes('/snapshots/'))),
  };
  for (const [what, names] of Object.entries(said)) {
    for (const name of there) if (!names.has(name)) stale.push(`${name} is not in ${what}`);
    for (const name of names) if (!there.has(name)) stale.push(`${name} is in ${what} and not in storage`);
  }
  return stale;
}
