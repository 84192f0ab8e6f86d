import { formatDuration } from '@gitprotect/shared/format';
import { nextDue } from '@gitprotect/shared/schedule';
import { windowLength, windowState } from '@gitprotect/shared/window';
import { Field } from '../../../ui/parts/field.tsx';
import { Switch } from '../../../ui/parts/switch.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { dayAndTime } from '../../../ui/words/moment.ts';
import { type Hours, type PlanDraft, scheduleOf, windowOf } from './plan-draft.ts';
import { TimeZoneField } from './time-zone-field.tsx';

interface WindowFieldProps {
  readonly draft: PlanDraft;
  readonly onChange: (changes: Partial<PlanDraft>) => void;
  readonly problem: string | undefined;
  /** Whether the schedule is one that can be read. */
  readonly scheduled: boolean;
}

const usualHours: Hours = { from: '22:00', to: '06:00' };

/** The hours in which a plan may run, and what that means for its schedule. */
export function WindowField({ draft, onChange, problem, scheduled }: WindowFieldProps) {
  const { hours, timeZone, when } = draft;
  const put = (change: Partial<Hours>) => onChange({ hours: { ...usualHours, ...hours, ...change } });
  const ends = [
    ['from', 'From'],
    ['to', 'To'],
  ] as const;
  return (
    <div class="stack" role="group" aria-label="Backup window">
      <Switch
        on={hours !== null}
        onChange={(on) => onChange({ hours: on ? usualHours : null })}
        hint="At the end of these hours a run is paused, not failed. It goes on where it was when they begin again."
      >
        Only in certain hours
      </Switch>
      {hours !== null && (
        <div class="fields">
          {ends.map(([end, label]) => (
            <Field key={end} label={label}>
              {(ids) => (
                <input
                  {...ids}
                  type="time"
                  value={hours[end]}
                  onInput={(event) => {
                    if (event.currentTarget.value !== '') put({ [end]: event.currentTarget.value });
                  }}
                />
              )}
            </Field>
          ))}
          {when.kind === 'hand' && <TimeZoneField value={timeZone} onChange={(zone) => onChange({ timeZone: zone })} />}
        </div>
      )}
      {problem !== undefined && (
        <small class="problem" role="alert">
          {problem}
        </small>
      )}
      {problem === undefined && hours !== null && <WindowEffect draft={draft} scheduled={scheduled} />}
    </div>
  );
}

/** How long the window is, and when a run that comes due outside it starts. */
function WindowEffect({ draft, scheduled }: { draft: PlanDraft; scheduled: boolean }) {
  const now = useStore().time.value;
  const window = windowOf(draft);
  const schedule = scheduled ? scheduleOf(draft) : null;
  const due = schedule === null ? undefined : nextDue(schedule, now)[0];
  if (window === null) return null;
  const state = due === undefined ? null : windowState(window, due);
  return (
    <p class="sub" role="status">
      {formatDuration(windowLength(window))}
      {window.to < window.from && ', until the next day'}
      {state !== null &&
        !state.open &&
        `. The plan comes due outside of them, so it starts when they begin: ${dayAndTime(state.opensAt, draft.timeZone)}`}
    </p>
  );
}
