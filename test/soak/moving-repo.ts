import { commit, reset } from '../repositories/history.ts';
import { longHistory } from '../repositories/long-history.ts';
import { fastImport, git } from '../repositories/real-git.ts';
import { dice } from './dice.ts';

const main = 'refs/heads/main';
const topic = (day: number): string => `refs/heads/topic/${day}`;
const pull = (day: number): string => `refs/pull-requests/${day + 1}/from`;

/** A repo as a team leaves it from day to day: pushes, a topic branch with its pull request, one rewritten by a force-push, one deleted, a tag now and then. */
export class MovingRepo {
  readonly folder: string;
  /** Days whose topic branches are there. */
  readonly #topics: number[] = [];
  readonly #lines = new Map<string, string[]>();
  readonly #roll = dice(11);

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes one with a history of that many commits in `folder`, which is made. */
  static async begin(folder: string, commits: number): Promise<MovingRepo> {
    await longHistory(folder, { commits });
    // Deflated as a server has it.
    git(folder, ['repack', '-adFq', '--window=10', '--depth=50']);
    return new MovingRepo(folder);
  }

  /** What happens on one day; days count from 0. */
  async live(day: number): Promise<void> {
    const stream: Buffer[] = [];
    let mark = 0;
    const commits = (ref: string, from: string, count: number): void => {
      for (let one = 0; one < count; one += 1) {
        mark += 1;
        const parents = [one === 0 ? from : mark - 1];
        stream.push(commit({ ref, mark, parents, message: `day ${day}, ${mark}`, files: this.#edited(ref === main) }));
      }
    };
    commits(main, `${main}^0`, 3 + this.#roll(4));
    commits(topic(day), `${main}^0`, 2);
    stream.push(reset(pull(day), mark));
    this.#topics.push(day);
    const rewritten = this.#topics.at(-3);
    if (rewritten !== undefined) {
      commits(topic(rewritten), `${main}~3`, 2);
      stream.push(reset(pull(rewritten), mark));
    }
    if (day % 7 === 4) stream.push(reset(`refs/tags/release-${day}`, 1));
    await fastImport(this.folder, stream, { compression: 6 });
    for (const old of this.#topics.splice(0, Math.max(0, this.#topics.length - 6))) git(this.folder, ['update-ref', '-d', topic(old)]);
    // What was pushed away is lost to the server with its next house-keeping.
    if (day % 30 === 29) git(this.folder, ['gc', '--quiet', '--prune=now']);
  }

  /** Two lines changed in each of three files; on main they stay so. */
  #edited(stays: boolean): Record<string, string> {
    const files: Record<string, string> = {};
    for (let edit = 0; edit < 3; edit += 1) {
      const path = `work/part-${this.#roll(20)}/file-${this.#roll(20)}.ts`;
      const lines = [...(this.#lines.get(path) ?? Array.from({ length: 80 }, (_, line) => `line ${line} of ${path}`))];
      for (let line = 0; line < 2; line += 1)
        lines[this.#roll(80)] = `const value ${this.#roll(1_000_000)} = await repo ${this.#roll(1_000_000)};`;
      if (stays) this.#lines.set(path, lines);
      files[path] = lines.join('\n');
    }
    return files;
  }
}
