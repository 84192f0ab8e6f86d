export type { PageView, TokenView } from './page-view.ts';
export { awkwardTokens, exampleView } from './example-view.ts';
export { renderLogin, renderProjects } from './other-pages.ts';
export { renderTokens } from './token-page.ts';
export { type TokenPageVariant, tokenPageVariants } from './variants.ts';
