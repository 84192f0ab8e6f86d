import { formatDuration } from '@gitprotect/shared/format';
import type { RunDetail } from '@gitprotect/shared/run';
import { valueOf } from '../../../ui/store/loadable.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { clockTime } from '../../../ui/words/moment.ts';
import { type Stretch, lanesOf } from './lanes.ts';

const place = ({ from, to }: Stretch) => ({ left: `${from * 100}%`, width: `max(2px, ${(to - from) * 100}%)` });

/** Who worked when, and who was throttled. */
export function Timeline({ run }: { run: RunDetail }) {
  const store = useStore();
  const now = store.time.value;
  const lanes = lanesOf(run, valueOf(store.credentials.current) ?? [], now);
  if (lanes.length === 0) return null;
  const end = run.endedAt === null ? now : Date.parse(run.endedAt);
  return (
    <figure class="timeline" aria-label="Users over time">
      {lanes.map(({ user, served, throttled, throttledFor }) => (
        <div key={user} class="lane">
          <span class="clip" title={user}>
            {user}
          </span>
          <div class="track" aria-hidden="true">
            {served.map((stretch) => (
              <i key={`s${stretch.from}`} class="served" style={place(stretch)} />
            ))}
            {throttled.map((stretch) => (
              <i key={`t${stretch.from}`} class="throttled" style={place(stretch)} />
            ))}
          </div>
          <small>{throttledFor > 0 ? `throttled ${formatDuration(throttledFor)}` : 'never throttled'}</small>
        </div>
      ))}
      <div class="lane" aria-hidden="true">
        <span />
        <div class="scale">
          <small>{clockTime(Date.parse(run.startedAt))}</small>
          <small>{run.endedAt === null ? 'now' : clockTime(end)}</small>
        </div>
        <span />
      </div>
      {run.throttles.length > 0 && (
        <figcaption>
          <small>hatched: throttled by Bitbucket; its requests went to the other users</small>
        </figcaption>
      )}
    </figure>
  );
}
