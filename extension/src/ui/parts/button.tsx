import type { ComponentChildren, Ref } from 'preact';
import { classNames } from './class-names.ts';

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick?: () => void;
  /** One primary button a view; `quiet` looks like a link, `danger` destroys. */
  readonly look?: 'primary' | 'quiet' | 'danger' | undefined;
  readonly type?: 'button' | 'submit';
  readonly disabled?: boolean;
  /** Under way: it cannot be pressed again, and says so. */
  readonly busy?: boolean;
  /** What it does, where its text alone does not say to what. */
  readonly label?: string;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({ children, onClick, look, type = 'button', disabled = false, busy = false, label, ref }: ButtonProps) {
  return (
    <button
      ref={ref ?? null}
      type={type}
      class={classNames('button', look, busy && 'busy')}
      disabled={disabled}
      aria-disabled={busy}
      aria-busy={busy}
      aria-label={label}
      onClick={() => {
        if (!busy) onClick?.();
      }}
    >
      {children}
    </button>
  );
}
