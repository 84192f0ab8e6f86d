import { asAppError } from '@gitprotect/shared/errors';

/** Refusals of a kind before the repo itself is taken for damaged: a server that runs out of memory says the same, and a branch may be moving. */
const patience = new Map([
  ['git-damaged', 2],
  ['git-moved', 3],
]);

/** Whether a repo's server has said often enough that it cannot read the repo, over all attempts of a job. */
export class Doubt {
  readonly #heard = new Map<string, number>();

  /** Told of a failure; whether to take what can be had now. */
  isDamage(error: unknown): boolean {
    const { code } = asAppError(error);
    const times = (this.#heard.get(code) ?? 0) + 1;
    this.#heard.set(code, times);
    return times >= (patience.get(code) ?? Infinity);
  }
}
