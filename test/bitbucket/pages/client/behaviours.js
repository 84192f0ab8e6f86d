import { rowMarkup } from './rows.js';

const fill = (list, tokens, { look, page }) => {
  list.innerHTML = tokens.length === 0 ? `<p>${look.texts.empty}</p>` : rowMarkup[page.markup](tokens, look);
};

/**
 * How rows get into `list` and what becomes of them. Each takes (list, app) and returns a function that shows the tokens given;
 * `app` is {look, page, revoke}. `hydrate` binds the buttons of rows that are there.
 */
export const hydrate = (list, tokens, { look, revoke }) => {
  for (const [index, button] of [...list.querySelectorAll(`.${look.c('revoke')}`)].entries()) {
    button.addEventListener('click', () => revoke(tokens[index]));
  }
};

const plain = (list, app) => (tokens) => {
  fill(list, tokens, app);
  hydrate(list, tokens, app);
};

export const behaviours = { 'from-server': plain, late: plain };
