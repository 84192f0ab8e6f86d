import type { TokenView } from '../page-view.ts';
import type { Language, Texts } from './texts.js';

export type Markup =
  | 'table'
  | 'detail-rows'
  | 'nested-tables'
  | 'cards'
  | 'grid'
  | 'divs'
  | 'definition-list'
  | 'flat-cells'
  | 'split-names'
  | 'cut-names'
  | 'linked';
export interface Look {
  readonly texts: Texts;
  readonly language: Language;
  readonly c: (part: string) => string;
}
export const rowMarkup: Record<Markup, (tokens: readonly TokenView[], look: Look) => string>;
