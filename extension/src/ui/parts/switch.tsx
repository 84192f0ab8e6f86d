import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface SwitchProps {
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly disabled?: boolean;
  /** What it switches. */
  readonly children: ComponentChildren;
  /** Said after the label: why one would, or would not. */
  readonly hint?: ComponentChildren;
}

/** A line with a switch at its end. The whole line can be clicked. */
export function Switch({ on, onChange, disabled = false, children, hint }: SwitchProps) {
  const id = useId();
  const hasHint = hint !== undefined && hint !== null && hint !== false;
  return (
    <div class="switch-line">
      <label for={id}>{children}</label>
      <button
        id={id}
        type="button"
        role="switch"
        class="switch"
        aria-checked={on}
        aria-describedby={hasHint ? `${id}-hint` : undefined}
        disabled={disabled}
        onClick={() => onChange(!on)}
      />
      {hasHint && (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
    </div>
  );
}
