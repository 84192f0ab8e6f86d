import type { Language } from './client/texts.js';
import type { Markup } from './client/rows.js';

/**
 * How one imagined token page is built. The real page's markup is not published, so no variant claims to be it:
 * together they are the ways a page may be built, and an extension has to work in all of them.
 */
export interface VariantParts {
  /** The frame around the page: 8.x with AUI, 10.x with React, or one with hardly a sign of Bitbucket. */
  readonly chrome: 'classic' | 'modern' | 'bare';
  /** What a row is made of. */
  readonly markup: Markup;
  /** How rows come, and what becomes of them later. */
  readonly behaviour:
    | 'from-server'
    | 'late'
    | 'every-second'
    | 'on-hover'
    | 'on-focus'
    | 'evicts-strangers'
    | 'show-more'
    | 'recycled'
    | 'nested-shadow'
    | 'closed-shadow'
    | 'canvas';
  /** Where a new secret is shown, once. */
  readonly secret: 'input' | 'dialog' | 'flag' | 'split-code' | 'textarea';
  readonly form: 'inline' | 'dialog' | 'page';
  readonly language?: Language;
  readonly colorMode?: 'light' | 'dark' | 'auto';
  readonly narrow?: boolean;
  /** Account tabs change by the History API, without a load. */
  readonly singlePage?: boolean;
  /** Token names also stand in the heading, the menu, the help text and dialogs. */
  readonly namesElsewhere?: boolean;
}

const variants = {
  'aui-table': { chrome: 'classic', markup: 'table', behaviour: 'from-server', secret: 'input', form: 'page' },
  'hashed-divs': { chrome: 'modern', markup: 'divs', behaviour: 'late', secret: 'textarea', form: 'inline', colorMode: 'dark' },
  cards: { chrome: 'classic', markup: 'cards', behaviour: 'late', secret: 'flag', form: 'dialog', narrow: true },
  'aria-grid': { chrome: 'modern', markup: 'grid', behaviour: 'late', secret: 'split-code', form: 'dialog' },
} as const satisfies Record<string, VariantParts>;

/** Name of one imagined token page. */
export type TokenPageVariant = keyof typeof variants;

/** Every variant's name. */
export const tokenPageVariants: readonly TokenPageVariant[] = Object.keys(variants) as TokenPageVariant[];

/** What the variant is built of. */
export function variantParts(variant: TokenPageVariant): VariantParts {
  return variants[variant];
}
