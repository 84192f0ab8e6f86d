import type { ComponentChildren } from 'preact';
import { sentence } from '../words/sentence.ts';
import { Note } from './note.tsx';

interface Words {
  readonly message: string;
  readonly remedy?: string | undefined;
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
