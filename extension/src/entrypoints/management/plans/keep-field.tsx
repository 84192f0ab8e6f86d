import type { Keep } from '@gitprotect/shared/plan';
import { keepRules } from '@gitprotect/shared/retention';
import { useId } from 'preact/hooks';

type KeepTexts = Readonly<Record<keyof Keep, string>>;

interface KeepFieldProps {
  readonly keep: KeepTexts;
  readonly onChange: (keep: KeepTexts) => void;
  readonly problem: string | undefined;
}

/** How many snapshots of each kind stay, and of how long all. */
export function KeepField({ keep, onChange, problem }: KeepFieldProps) {
  const id = useId();
  const counted = keepRules.some((rule) => keep[rule].trim() !== '' && Number(keep[rule]) !== 0);
  const all = !counted && keep.within.trim() === '';
  return (
    <fieldset aria-describedby={id}>
      <legend>Keep</legend>
      <div class="keep">
        {keepRules.map((rule) => (
          <label key={rule}>
            {rule === 'last' ? 'latest' : rule}
            <input
              inputMode="numeric"
              value={keep[rule]}
              placeholder="–"
              onInput={(event) => onChange({ ...keep, [rule]: event.currentTarget.value })}
            />
          </label>
        ))}
        <label>
          all within
          <input value={keep.within} placeholder="30d" onInput={(event) => onChange({ ...keep, within: event.currentTarget.value })} />
        </label>
      </div>
      <small id={id} class={problem === undefined ? 'hint' : 'problem'}>
        {problem ??
          (all
            ? 'Every snapshot is kept for ever.'
            : 'Of each repository. A snapshot stays while any of these wants it; the newest, the last good one and those on hold always stay. Others are marked, and removed a week later.')}
      </small>
    </fieldset>
  );
}
