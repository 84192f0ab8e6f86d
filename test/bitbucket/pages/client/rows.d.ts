import type { TokenView } from '../page-view.ts';
import type { Language, Texts } from './texts.js';

export type Markup = 'table' | 'cards' | 'grid' | 'divs';
export interface Look {
  readonly texts: Texts;
  readonly language: Language;
  readonly c: (part: string) => string;
}
export const rowMarkup: Record<Markup, (tokens: readonly TokenView[], look: Look) => string>;
