import { Field } from '../../../ui/parts/field.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { NextTimes } from './next-times.tsx';
import { type PlanDraft, scheduleOf } from './plan-draft.ts';
import { TimeZoneField } from './time-zone-field.tsx';
import { type When, weekdays, whenKinds, whenWords } from './when.ts';

interface WhenFieldProps {
  readonly draft: PlanDraft;
  readonly onChange: (changes: Partial<PlanDraft>) => void;
  readonly problem: string | undefined;
}

/** When a plan runs, and the next three times it will. */
export function WhenField({ draft, onChange, problem }: WhenFieldProps) {
  const { when, timeZone } = draft;
  const change = (changes: Partial<When>) => onChange({ when: { ...when, ...changes } });
  const atTime = when.kind === 'daily' || when.kind === 'weekdays' || when.kind === 'weekly';
  const schedule = scheduleOf(draft);
  return (
    <div class="stack" role="group" aria-label="Schedule">
      <div class="fields">
        <Field label="When">
          {(ids) => (
            <select
              {...ids}
              value={when.kind}
              onChange={({ currentTarget: { value } }) => {
                const kind = whenKinds.find((one) => one === value) ?? 'custom';
                // A cron expression is best learned from one that is right.
                change(kind === 'custom' ? { kind, cron: schedule?.cron ?? when.cron } : { kind });
              }}
            >
              {whenKinds.map((kind) => (
                <option key={kind} value={kind}>
                  {whenWords[kind]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {when.kind === 'weekly' && (
          <Field label="Day">
            {(ids) => (
              <select {...ids} value={String(when.weekday)} onChange={(event) => change({ weekday: Number(event.currentTarget.value) })}>
                {weekdays.map((name, day) => (
                  <option key={name} value={String(day)}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        {atTime && (
          <Field label="At">
            {(ids) => (
              <input
                {...ids}
                type="time"
                value={when.time}
                onInput={(event) => {
                  if (event.currentTarget.value !== '') change({ time: event.currentTarget.value });
                }}
              />
            )}
          </Field>
        )}
        {when.kind !== 'hand' && <TimeZoneField value={timeZone} onChange={(zone) => onChange({ timeZone: zone })} />}
      </div>
      {when.kind === 'custom' && (
        <TextField
          label="Cron expression"
          code
          value={when.cron}
          onInput={(cron) => change({ cron })}
          problem={problem}
          hint="minute hour day month weekday"
        />
      )}
      {when.kind !== 'custom' && problem !== undefined && <small class="problem">{problem}</small>}
      {problem === undefined && schedule !== null && <NextTimes schedule={schedule} />}
    </div>
  );
}
