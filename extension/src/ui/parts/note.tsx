import type { ComponentChildren } from 'preact';
import type { Tone } from '../words/tone.ts';

/** A message in a box. `alert` interrupts a screen reader: for what a person must know at once. */
export function Note({ tone, alert = false, children }: { tone: Tone; alert?: boolean; children: ComponentChildren }) {
  return (
    <div class={`note ${tone}`} role={alert ? 'alert' : undefined}>
      {children}
    </div>
  );
}
