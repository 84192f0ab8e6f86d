import { bareChrome } from './chrome-bare.ts';
import { classicChrome } from './chrome-classic.ts';
import { modernChrome } from './chrome-modern.ts';
import type { Html } from './html.ts';
import type { PageView } from './page-view.ts';
import { variantParts } from './variants.ts';

/** What one page puts into the frame. */
export interface Content {
  readonly title: string;
  readonly main: Html;
  /** After the frame's own scripts. */
  readonly scripts: readonly Html[];
}

/** Fills one version's frame. */
export type Chrome = (view: PageView, content: Content) => Html;

const chromes = { classic: classicChrome, modern: modernChrome, bare: bareChrome } satisfies Record<string, Chrome>;

/** The whole document, in the frame of the view's variant. */
export function page(view: PageView, content: Content): string {
  return `<!DOCTYPE html>${chromes[variantParts(view.variant).chrome](view, content).html}`;
}
