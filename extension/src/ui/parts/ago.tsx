import { formatAgo } from '@gitprotect/shared/format';
import { useStore } from '../store/use-store.ts';
import { dayAndTime } from '../words/moment.ts';

/** `2 h ago`, kept true; the exact time is its title. */
export function Ago({ time }: { time: string }) {
  const at = Date.parse(time);
  return (
    <time dateTime={time} title={dayAndTime(at)}>
      {formatAgo(at, useStore().time.value)}
    </time>
  );
}
