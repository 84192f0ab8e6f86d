/** Rolls a number below `limit`. */
export type Dice = (limit: number) => number;

/** The largest seed there is. */
export const mostSeed = 2_147_483_646;

/** Numbers that look random and are the same in every run with this seed (Lehmer's generator). @param seed from 1 to `mostSeed` */
export function dice(seed: number): Dice {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}
