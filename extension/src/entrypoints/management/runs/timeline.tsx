import { formatDuration } from '@gitprotect/shared/format';
import type { RunDetail } from '@gitprotect/shared/run';
import { useId } from 'preact/hooks';
import { useStore } from '../../../ui/store/use-store.ts';
import { clockTime } from '../../../ui/words/moment.ts';
import { type Stretch, lanesOf } from './lanes.ts';
import { ThrottleTable } from './throttle-table.tsx';

/** Where a bar lies. As styles: an attribute knows no “at least two pixels”. */
const place = ({ from, to }: Stretch) => ({ x: `${from * 100}%`, width: `max(2px, ${(to - from) * 100}%)` });

/** Who worked when, who was throttled, and when all were: as a picture, and as a table. */
export function Timeline({ run }: { run: RunDetail }) {
  const now = useStore().time.value;
  const hatch = useId();
  const { users, waits, waitedFor } = lanesOf(run, now);
  if (users.length === 0) return null;
  const start = Date.parse(run.startedAt);
  const end = run.endedAt === null ? now : Date.parse(run.endedAt);
  return (
    <>
      <figure class="timeline" aria-label="Users over time">
        <svg class="patterns" width="0" height="0" aria-hidden="true">
          <pattern id={hatch} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect class="hatch-ground" width="8" height="8" />
            <rect class="hatch-line" width="4" height="8" />
          </pattern>
        </svg>
        {users.map(({ user, served, throttled, throttledFor }) => (
          <LaneRow key={user} name={user} words={throttledFor > 0 ? `throttled ${formatDuration(throttledFor)}` : 'never throttled'}>
            {served.map((stretch) => (
              <rect key={`s${stretch.from}`} class="served" height="14" style={place(stretch)} />
            ))}
            {throttled.map((stretch) => (
              <rect key={`t${stretch.from}`} fill={`url(#${hatch})`} height="14" style={place(stretch)} />
            ))}
          </LaneRow>
        ))}
        {waits.length > 0 && (
          <LaneRow name="waiting" words={`for ${formatDuration(waitedFor)}`}>
            {waits.map((stretch) => (
              <rect key={`w${stretch.from}`} class="waited" y="3" height="8" style={place(stretch)} />
            ))}
          </LaneRow>
        )}
        <div class="lane" aria-hidden="true">
          <span />
          <div class="scale">
            <small>{clockTime(start)}</small>
            <small>{clockTime((start + end) / 2)}</small>
            <small>{run.endedAt === null ? 'now' : clockTime(end)}</small>
          </div>
          <span />
        </div>
        {run.throttles.length > 0 && (
          <figcaption>
            <small>
              hatched: throttled by Bitbucket; its requests went to the other users
              {waits.length > 0 && '. waiting: all users of a repository were, and it went on by itself'}
            </small>
          </figcaption>
        )}
      </figure>
      <ThrottleTable run={run} />
    </>
  );
}

interface LaneRowProps {
  readonly name: string;
  /** What the bars say, in words. */
  readonly words: string;
  readonly children: preact.ComponentChildren;
}

function LaneRow({ name, words, children }: LaneRowProps) {
  return (
    <div class="lane">
      <span class="clip" title={name}>
        {name}
      </span>
      <svg class="track" width="100%" height="14" role="img" aria-label={`${name}: ${words}`}>
        {children}
      </svg>
      <small>{words}</small>
    </div>
  );
}
