import { type Element, type ShadowRoot, Window } from 'happy-dom';
import { describe, expect, test } from 'vitest';
import { awkwardTokens, exampleView } from './example-view.ts';
import { renderLogin, renderProjects, renderTokens, tokenPageVariants } from './index.ts';
import type { PageView, TokenView } from './page-view.ts';
import { type VariantParts, variantParts } from './variants.ts';

/** Loads `html` in a browser of sorts whose REST answers with the view's tokens; runs its scripts. */
async function open(html: string, view: PageView) {
  const window = new Window({ url: `${view.baseUrl}${view.path ?? '/plugins/servlet/access-tokens/users/ana/manage'}` });
  window.happyDOM.settings.enableJavaScriptEvaluation = true;
  window.happyDOM.settings.suppressInsecureJavaScriptEnvironmentWarning = true;
  const failures: unknown[] = [];
  window.addEventListener('error', (event) => failures.push(event));
  window.fetch = () => Promise.resolve(window.Response.json({ values: view.tokens, isLastPage: true }));
  window.document.write(html);
  await new Promise((resolve) => void setTimeout(resolve, 0));
  expect(failures).toEqual([]);
  return Object.assign(window, { [Symbol.asyncDispose]: () => window.happyDOM.close() });
}

/** Text and titles below `root`, through open shadow roots. */
function readable(root: Element | ShadowRoot): string {
  const hidden = [...root.querySelectorAll('*')].map(
    (element) => (element.getAttribute('title') ?? '') + (element.shadowRoot === null ? '' : readable(element.shadowRoot)),
  );
  return root.textContent + hidden.join('');
}

const mainOf = (window: Window) => window.document.querySelector('main') ?? window.document.body;

/** A token named like a button is on every page. */
const distinctive = awkwardTokens.filter(({ name }) => name !== 'Edit');

/** The tokens whose names a reader of the fresh page can find. */
function tokensInReach({ behaviour }: VariantParts): readonly TokenView[] {
  if (behaviour === 'canvas' || behaviour === 'closed-shadow') return [];
  if (behaviour === 'show-more') return awkwardTokens.slice(0, 3);
  return behaviour === 'recycled' ? awkwardTokens.slice(0, 4) : awkwardTokens;
}

const pages = { renderLogin, renderProjects, renderTokens };

describe.each(tokenPageVariants)('token page "%s"', (variant) => {
  const parts = variantParts(variant);

  test('shows the names within reach, and no other', async () => {
    const view = exampleView({ variant });
    await using window = await open(renderTokens(view), view);
    const text = readable(mainOf(window));
    expect(distinctive.filter(({ name }) => text.includes(name))).toEqual(
      distinctive.filter((token) => tokensInReach(parts).includes(token)),
    );
  });

  test('says so when there is no token', async () => {
    const view = exampleView({ variant, tokens: [] });
    await using window = await open(renderTokens(view), view);
    const said = parts.language === 'de' ? 'keine' : 'You have no HTTP access tokens';
    expect(readable(mainOf(window)).includes(said)).toBe(parts.behaviour !== 'closed-shadow');
  });

  test('lets no token name become markup', async () => {
    const view = exampleView({ variant });
    await using window = await open(renderTokens(view), view);
    expect(window.document.querySelector('main img, main b')).toBeNull();
    expect(Reflect.get(window, 'injected')).toBeUndefined();
  });

  test.each(Object.entries(pages))('%s puts the nonce on every script and style, and needs no inline handler or style', (_name, render) => {
    const html = render(exampleView({ variant, nonce: 'n0nce' }));
    const tags = html.match(/<(?:script|style)\b[^>]*>/g) ?? [];
    expect(tags.filter((tag) => !tag.includes('nonce="n0nce"'))).toEqual([]);
    expect(html).not.toMatch(/<[a-z][^>]* (?:style|on[a-z]+)=/);
  });
});

test('the same view gives the same page', () => {
  expect(renderTokens(exampleView({}))).toBe(renderTokens(exampleView({})));
});

test('a page without a nonce has none', () => {
  expect(renderTokens(exampleView({ nonce: null }))).not.toContain('nonce');
});

test('the classic frame has the signs 8.3.0 was captured with', () => {
  const html = renderTokens(exampleView({ contextPath: '/bitbucket', version: '8.3.0' }));
  for (const sign of [
    'name="application-name" content="Bitbucket"',
    'class=" bitbucket-theme',
    'id="product-version"',
    String.raw`context-path.context-path"]="\u0022/bitbucket\u0022"`,
    'id="current-user"',
    'data-username="ana"',
    `require('bitbucket/internal/layout/base/base').onReady({"id":7,`,
  ]) {
    expect(html).toContain(sign);
  }
  expect(html).toMatch(/>\s+v8\.3\.0</);
});

test('an anonymous visitor is nobody: no user, a way to log in', () => {
  const html = renderProjects(exampleView({ user: null }));
  expect(html).toContain('onReady(null, "Bitbucket" )');
  expect(html).toContain('id="login-link"');
  expect(html).not.toContain('current-user');
});
