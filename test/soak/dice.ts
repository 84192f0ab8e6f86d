/** Rolls a number below `limit`. */
export type Dice = (limit: number) => number;

/** Numbers that look random and are the same in every run with this seed (Lehmer's generator). @param seed from 1 to 2,147,483,646 */
export function dice(seed: number): Dice {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}
