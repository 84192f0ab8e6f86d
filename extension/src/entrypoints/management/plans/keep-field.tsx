import type { Keep } from '@gitprotect/shared/plan';
import { useId } from 'preact/hooks';
import { keepKinds } from '../../../ui/words/plan-words.ts';

type KeepTexts = Readonly<Record<keyof Keep, string>>;

interface KeepFieldProps {
  readonly keep: KeepTexts;
  readonly onChange: (keep: KeepTexts) => void;
  readonly problem: string | undefined;
}

/** How many snapshots of each kind stay. */
export function KeepField({ keep, onChange, problem }: KeepFieldProps) {
  const id = useId();
  const all = keepKinds.every((kind) => keep[kind].trim() === '' || Number(keep[kind]) === 0);
  return (
    <fieldset aria-describedby={id}>
      <legend>Keep</legend>
      <div class="keep">
        {keepKinds.map((kind) => (
          <label key={kind}>
            {kind === 'last' ? 'latest' : kind}
            <input
              inputMode="numeric"
              value={keep[kind]}
              placeholder="–"
              onInput={(event) => onChange({ ...keep, [kind]: event.currentTarget.value })}
            />
          </label>
        ))}
      </div>
      <small id={id} class={problem === undefined ? 'hint' : 'problem'}>
        {problem ??
          (all
            ? 'Every snapshot is kept for ever.'
            : 'Of each repository. A snapshot stays while any of these wants it; the newest always stays. This release keeps all of them; the rules take effect in one that prunes.')}
      </small>
    </fieldset>
  );
}
