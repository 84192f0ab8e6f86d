/**
 * The value of an option that says how many, or which.
 * @param option as it is typed, `--count`
 * @param most the largest that means something
 * @returns a whole number from 1 on
 * @throws naming option and value where it is none
 */
export function wholeNumber(option: string, value: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = /^\d+$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > most) {
    const upTo = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`;
    throw new Error(`${option} ${value}: it takes a whole number from 1 ${upTo}`);
  }
  return number;
}
