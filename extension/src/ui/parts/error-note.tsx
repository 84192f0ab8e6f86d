import type { ComponentChildren } from 'preact';
import { Note } from './note.tsx';

interface Words {
  readonly message: string;
  readonly remedy?: string | undefined;
}

/** First letter large: messages are written to follow a colon as well. Names of refs and paths, which may begin them, stay as they are. */
export function sentence(text: string): string {
  const start = /^\S*[/._]\S/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}

/** What went wrong, and the next step. */
export function ErrorNote({ error, children }: { error: Words; children?: ComponentChildren }) {
  return (
    <Note tone="bad" alert>
      <b>{sentence(error.message)}</b> {error.remedy !== undefined && sentence(error.remedy)}
      {children}
    </Note>
  );
}
