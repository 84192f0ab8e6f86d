/** What has to be there. @throws Error when it is not */
export function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing is there');
  return value;
}
