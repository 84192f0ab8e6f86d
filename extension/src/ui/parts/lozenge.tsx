import type { Word } from '../words/tone.ts';

/** A state as a coloured word. */
export function Lozenge({ tone, text }: Word) {
  return <span class={`lozenge ${tone}`}>{text}</span>;
}
