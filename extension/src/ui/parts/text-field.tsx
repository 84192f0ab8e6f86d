import type { ComponentChildren } from 'preact';
import { Field } from './field.tsx';

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
  readonly type?: 'text' | 'password' | 'search' | 'date';
  readonly placeholder?: string;
  /** Codes, URLs, schedules: characters that must be told apart. */
  readonly code?: boolean;
}

/** One line of text. Nothing typed here is remembered or corrected by the browser. */
export function TextField({ label, value, onInput, hint, problem, type = 'text', placeholder = '', code = false }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(ids) => {
        const more = {
          ...ids,
          class: code ? 'code' : '',
          value,
          placeholder,
          spellcheck: false,
          onInput: (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value),
        };
        switch (type) {
          case 'password':
            return <input type="password" autocomplete="new-password" {...more} />;
          case 'search':
            return <input type="search" autocomplete="off" {...more} />;
          case 'date':
            return <input type="date" autocomplete="off" {...more} />;
          case 'text':
            return <input type="text" autocomplete="off" {...more} />;
        }
      }}
    </Field>
  );
}
