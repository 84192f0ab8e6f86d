/** The same words for sizes, times and dates in every page and in the terminal. */

/** Bytes as a person reads them, in steps of 1000: `366 kB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** A stretch of time: `28 ms`, `0.7 s`, `3 min`, `2 h 5 min`, `6 days`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}

/** A time seen from `now`: `just now`, `2 h ago`, `in 6 days`. Both in milliseconds since 1970. */
export function formatAgo(time: number, now: number): string {
  const distance = Math.abs(now - time);
  if (distance < 45_000) return time <= now ? 'just now' : 'in a moment';
  const minutes = Math.round(distance / 60_000);
  const hours = Math.round(distance / 3_600_000);
  const days = Math.round(distance / 86_400_000);
  const words =
    minutes < 60 ? `${minutes} min` : hours < 48 ? `${hours} h` : days < 60 ? `${days} days` : `${Math.round(days / 30.4)} months`;
  return time <= now ? `${words} ago` : `in ${words}`;
}

/** A count with its noun: `1 repository`, `53 repositories`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  // What knows of locales takes a tenth of a second to load: small numbers go without.
  return `${count < 1000 ? count : count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
