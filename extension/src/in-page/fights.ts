const patience = 5;
const period = 10_000;

/** Counts how often a page takes out what we put in. Beyond a few times in ten seconds it means it, and we give way. */
export class Fights {
  #times: number[] = [];

  /** Notes one removal. @returns whether to give way. `now` in milliseconds. */
  lost(now: number): boolean {
    this.#times = [...this.#times.filter((time) => now - time < period), now];
    return this.#times.length > patience;
  }
}
