import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { initBare } from './bare-repo.ts';
import { indexPacks, type IncomingPack } from './index-packs.ts';
import type { ObjectFormat } from './object-id.ts';
import { gitFailed, runGit, type GitHost } from './run-git.ts';
import { gitLines, streamGit } from './stream-git.ts';

/** A bare repo for a while: what a damaged server still gives is put together in it. Dispose removes it. */
export class ScratchRepo implements AsyncDisposable {
  readonly #dir: string;
  readonly #format: ObjectFormat;
  readonly #host: GitHost;
  #known = new Set<string>();
  #taken = 0;

  private constructor(dir: string, format: ObjectFormat, host: GitHost) {
    this.#dir = dir;
    this.#format = format;
    this.#host = host;
  }

  /** Makes one in `folder` that holds the packs of a chain. */
  static async make(
    folder: string,
    packs: Iterable<IncomingPack> | AsyncIterable<IncomingPack>,
    format: ObjectFormat,
    host: GitHost,
  ): Promise<ScratchRepo> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const scratch = new ScratchRepo(await mkdtemp(join(folder, 'salvage-')), format, host);
    try {
      await initBare(scratch.#dir, format);
      await indexPacks(scratch.#dir, packs, { objectFormat: format }, host);
      scratch.#known = new Set(await scratch.#indexes());
      return scratch;
    } catch (error) {
      await scratch[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** How many packs came since it was made. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes in a pack as it comes, thin or not. */
  async take(pack: AsyncIterable<Uint8Array>): Promise<void> {
    const output = await runGit(this.#dir, ['index-pack', '--stdin', '--fix-thin'], this.#host, pack);
    if (output.exitCode !== 0) throw gitFailed('index what a damaged server sent', output);
    this.#taken += 1;
  }

  /** Objects that `tips` reach and that are not here. */
  async missing(tips: readonly string[]): Promise<string[]> {
    const args = ['rev-list', '--objects', '--missing=print', '--stdin'];
    const missing: string[] = [];
    for await (const line of gitLines(this.#dir, args, this.#host, lines(tips))) if (line.startsWith('?')) missing.push(line.slice(1));
    return missing;
  }

  /** A path at which each of these was put into the history of `tips`, as far as its trees tell. Git reads no blob for it. */
  async paths(oids: ReadonlySet<string>, tips: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    if (oids.size === 0) return found;
    const format = ['--raw', '--no-abbrev', '--no-renames', '--root', '-m', '--format='];
    const args = ['-c', 'core.quotePath=false', 'log', ...format, '--stdin'];
    try {
      for await (const line of gitLines(this.#dir, args, this.#host, lines(tips))) {
        const [change = '', path = ''] = line.split('\t', 2);
        const oid = change.split(' ')[3] ?? '';
        if (oids.has(oid) && !found.has(oid)) found.set(oid, Buffer.from(path, 'latin1').toString('utf8'));
        if (found.size === oids.size) break;
      }
    } catch {
      this.#host.signal.throwIfAborted();
      // A tip that is no commit, or a tree that is lost: then the message goes without the path.
    }
    return found;
  }

  /** Everything that came since it was made, as one pack that needs at most the chain. */
  async *pack(): AsyncGenerator<Uint8Array, void> {
    // Deltas are taken as they came; looking for more would cost what was saved by not cloning.
    const args = ['pack-objects', '--stdout', '--quiet', '--delta-base-offset', '--window=0'];
    yield* streamGit(this.#dir, args, this.#host, this.#arrived());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }

  async *#arrived(): AsyncGenerator<Uint8Array, void> {
    for (const name of await this.#indexes()) {
      if (this.#known.has(name)) continue;
      const index = createReadStream(join(this.#dir, 'objects', 'pack', name));
      for await (const line of gitLines(this.#dir, ['show-index', `--object-format=${this.#format}`], this.#host, index))
        yield Buffer.from(`${line.split(' ', 2)[1] ?? ''}\n`);
    }
  }

  async #indexes(): Promise<string[]> {
    return (await readdir(join(this.#dir, 'objects', 'pack'))).filter((name) => name.endsWith('.idx'));
  }
}

async function* lines(oids: readonly string[]): AsyncGenerator<Buffer, void> {
  for (const oid of oids) yield Buffer.from(`${oid}\n`);
}
