/** How a state is coloured. The word beside it always says the same: colour is never alone. */
export type Tone = 'ok' | 'warn' | 'bad' | 'busy' | 'plain';

/** A state in a word or two. */
export interface Word {
  readonly tone: Tone;
  readonly text: string;
}
