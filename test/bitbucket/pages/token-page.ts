import { page } from './chrome.ts';
import { clientScript } from './client-script.ts';
import { classNames } from './client/look.js';
import { type Look, rowMarkup } from './client/rows.js';
import { accountSection, addSection, listSection } from './client/sections.js';
import { texts } from './client/texts.js';
import { code, html, json, script, trusted } from './html.ts';
import type { PageView, TokenView, UserView } from './page-view.ts';
import { type VariantParts, variantParts } from './variants.ts';

/** What the server writes into the page for its script. */
export interface PageState extends VariantParts {
  readonly variant: string;
  readonly language: 'en' | 'de';
  readonly section: 'account' | 'add' | 'list';
  readonly restUrl: string;
  readonly accountUrl: string;
  readonly listUrl: string;
  readonly addUrl: string;
  readonly user: UserView;
  readonly tokens: readonly TokenView[];
}

function sectionAt(path: string | undefined): PageState['section'] {
  if (path === undefined) return 'list';
  if (path.endsWith('/add')) return 'add';
  return path.includes('/access-tokens') ? 'list' : 'account';
}

function pageState(view: PageView, user: UserView): PageState {
  const { contextPath, tokens, variant, path } = view;
  const slug = encodeURIComponent(user.slug);
  return {
    language: 'en',
    ...variantParts(variant),
    variant,
    section: sectionAt(path),
    restUrl: `${contextPath}/rest/access-tokens/latest/users/${slug}`,
    accountUrl: `${contextPath}/account`,
    listUrl: `${contextPath}/plugins/servlet/access-tokens/users/${slug}/manage`,
    addUrl: `${contextPath}/plugins/servlet/access-tokens/add`,
    user,
    tokens,
  };
}

function rows(state: PageState, look: Look): string {
  if (state.behaviour !== 'from-server') return `<p>${look.texts['loading'] ?? ''}…</p>`;
  return state.tokens.length === 0 ? `<p>${look.texts['empty'] ?? ''}</p>` : rowMarkup[state.markup](state.tokens, look);
}

/**
 * The account's pages: the token list, `…/access-tokens/add` and `/account`, chosen by `view.path`.
 * Throws without a user: the server sends an anonymous visitor to the login page.
 */
export function renderTokens(view: PageView): string {
  if (view.user === null) throw new Error('The token page needs a user');
  const state = pageState(view, view.user);
  const look: Look = { texts: texts[state.language], language: state.language, c: classNames(state.variant, state.chrome) };
  const sections = {
    account: () => accountSection(look, state),
    add: () => addSection(look, state),
    list: () => listSection(rows(state, look), look, state),
  };
  const main = html`<nav class="${look.c('tabs')}">
      <a href="${state.accountUrl}">${look.texts['account'] ?? ''}</a> <a href="${state.listUrl}">${look.texts['heading'] ?? ''}</a>
    </nav>
    <div class="${look.c('root')}">${trusted(state.singlePage === true ? '' : sections[state.section]())}</div>`;
  const run = code`(() => { ${clientScript}
void start(${json(state)}); })();`;
  return page(view, { title: look.texts['account'] ?? '', main, scripts: [script(view.nonce, run)] });
}
