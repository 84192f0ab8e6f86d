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
  // ways to build a row
  'aui-table': { chrome: 'classic', markup: 'table', behaviour: 'from-server', secret: 'input', form: 'page' },
  'detail-rows': { chrome: 'classic', markup: 'detail-rows', behaviour: 'from-server', secret: 'dialog', form: 'inline' },
  'nested-tables': {
    chrome: 'classic',
    markup: 'nested-tables',
    behaviour: 'from-server',
    secret: 'flag',
    form: 'page',
    colorMode: 'auto',
  },
  cards: { chrome: 'classic', markup: 'cards', behaviour: 'late', secret: 'flag', form: 'dialog', narrow: true },
  'aria-grid': { chrome: 'modern', markup: 'grid', behaviour: 'late', secret: 'split-code', form: 'dialog' },
  'hashed-divs': { chrome: 'modern', markup: 'divs', behaviour: 'late', secret: 'textarea', form: 'inline', colorMode: 'dark' },
  'definition-list': {
    chrome: 'classic',
    markup: 'definition-list',
    behaviour: 'from-server',
    secret: 'split-code',
    form: 'page',
    narrow: true,
  },
  'flat-cells': { chrome: 'modern', markup: 'flat-cells', behaviour: 'late', secret: 'input', form: 'dialog' },
  // names that are hard to find, or found too often
  'split-names': { chrome: 'modern', markup: 'split-names', behaviour: 'late', secret: 'dialog', form: 'inline', colorMode: 'auto' },
  'cut-names': { chrome: 'modern', markup: 'cut-names', behaviour: 'late', secret: 'input', form: 'dialog', narrow: true },
  'linked-rows': { chrome: 'classic', markup: 'linked', behaviour: 'from-server', secret: 'textarea', form: 'inline' },
  'names-elsewhere': { chrome: 'classic', markup: 'table', behaviour: 'late', secret: 'dialog', form: 'inline', namesElsewhere: true },
  'few-signals': { chrome: 'bare', markup: 'divs', behaviour: 'from-server', secret: 'dialog', form: 'inline' },
  german: { chrome: 'modern', markup: 'table', behaviour: 'late', secret: 'flag', form: 'dialog', language: 'de', colorMode: 'dark' },
  // rows that do not stay
  'every-second': { chrome: 'modern', markup: 'divs', behaviour: 'every-second', secret: 'dialog', form: 'dialog' },
  'on-hover': { chrome: 'modern', markup: 'table', behaviour: 'on-hover', secret: 'split-code', form: 'inline', colorMode: 'dark' },
  'on-focus': { chrome: 'modern', markup: 'grid', behaviour: 'on-focus', secret: 'textarea', form: 'dialog' },
  'evicts-strangers': { chrome: 'modern', markup: 'table', behaviour: 'evicts-strangers', secret: 'input', form: 'dialog' },
  'show-more': { chrome: 'classic', markup: 'cards', behaviour: 'show-more', secret: 'input', form: 'inline' },
  recycled: { chrome: 'modern', markup: 'divs', behaviour: 'recycled', secret: 'flag', form: 'dialog', colorMode: 'auto' },
  'single-page': { chrome: 'modern', markup: 'cards', behaviour: 'late', secret: 'dialog', form: 'dialog', singlePage: true },
  // rows out of reach
  'nested-shadow': { chrome: 'modern', markup: 'grid', behaviour: 'nested-shadow', secret: 'split-code', form: 'inline' },
  'closed-shadow': { chrome: 'modern', markup: 'table', behaviour: 'closed-shadow', secret: 'dialog', form: 'dialog', colorMode: 'dark' },
  canvas: { chrome: 'bare', markup: 'divs', behaviour: 'canvas', secret: 'input', form: 'inline' },
} as const satisfies Record<string, VariantParts>;

/** Name of one imagined token page. */
export type TokenPageVariant = keyof typeof variants;

/** Every variant's name. */
export const tokenPageVariants: readonly TokenPageVariant[] = Object.keys(variants) as TokenPageVariant[];

/** What the variant is built of. */
export function variantParts(variant: TokenPageVariant): VariantParts {
  return variants[variant];
}
