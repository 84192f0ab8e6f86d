import type { Job } from '@gitprotect/shared/run';
import { Field } from '../../../ui/parts/field.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { type JobFilter, statesOf } from './job-filter.ts';

interface JobFiltersProps {
  readonly jobs: readonly Job[];
  readonly filter: JobFilter;
  readonly onChange: (filter: JobFilter) => void;
}

/** Narrows the rows of a run by name and outcome. */
export function JobFilters({ jobs, filter, onChange }: JobFiltersProps) {
  return (
    <div class="fields">
      <TextField
        label="Repository"
        type="search"
        value={filter.text}
        onInput={(text) => onChange({ ...filter, text })}
        placeholder="Name"
      />
      <Field label="Outcome">
        {(ids) => (
          <select {...ids} value={filter.state} onChange={(event) => onChange({ ...filter, state: event.currentTarget.value })}>
            <option value="">all ({jobs.length.toLocaleString('en-US')})</option>
            {statesOf(jobs).map(({ state, count }) => (
              <option key={state} value={state}>
                {state} ({count.toLocaleString('en-US')})
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}
