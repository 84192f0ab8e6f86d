import { escapeHtml as e } from './look.js';

const day = (time, { texts, language }) => (time === undefined ? texts.never : new Date(time).toLocaleDateString(language));
const rights = (token, { texts }) => token.permissions.map((permission) => texts[permission] ?? permission).join(', ');
const facts = (token, look) => [
  [look.texts.permissions, rights(token, look)],
  [look.texts.created, day(token.createdDate, look)],
  [look.texts.used, day(token.lastAuthenticated, look)],
  [look.texts.expires, day(token.expiryDate, look)],
];
const headings = ({ texts }) => [texts.name, texts.permissions, texts.created, texts.used, texts.expires, ''];
const buttons = ({ texts, c }) =>
  `<button type="button" class="aui-button aui-button-link">${e(texts.edit)}</button>` +
  `<button type="button" class="aui-button aui-button-link ${c('revoke')}">${e(texts.revoke)}</button>`;
const each = (tokens, row) => tokens.map(row).join('');
const cells = (tag, token, look, attributes = '') =>
  facts(token, look)
    .map(([, value]) => `<${tag}${attributes}>${e(value)}</${tag}>`)
    .join('');

/** The rows' HTML, by the name of the markup. `look` is {texts, language, c}: words and class names. */
export const rowMarkup = {
  table: (tokens, look) =>
    `<table class="aui aui-table-sortable"><thead><tr>${each(headings(look), (text) => `<th scope="col">${e(text)}</th>`)}</tr></thead><tbody>` +
    each(tokens, (token) => `<tr><td>${e(token.name)}</td>${cells('td', token, look)}<td class="actions">${buttons(look)}</td></tr>`) +
    '</tbody></table>',

  cards: (tokens, look) =>
    `<ul class="${look.c('cards')}">` +
    each(
      tokens,
      (token) =>
        `<li><h3>${e(token.name)}</h3><ul>${each(facts(token, look), ([term, value]) => `<li>${e(term)}: ${e(value)}</li>`)}</ul><footer>${buttons(look)}</footer></li>`,
    ) +
    '</ul>',

  grid: (tokens, look) =>
    `<div role="grid" aria-rowcount="${tokens.length + 1}"><div role="row">${each(headings(look), (text) => `<div role="columnheader">${e(text)}</div>`)}</div>` +
    each(
      tokens,
      (token) =>
        `<div role="row" tabindex="0"><div role="gridcell"><span>${e(token.name)}</span></div>${cells('div', token, look, ' role="gridcell"')}<div role="gridcell">${buttons(look)}</div></div>`,
    ) +
    '</div>',

  divs: (tokens, look) =>
    `<div class="${look.c('rows')}">` +
    each(
      tokens,
      (token) =>
        `<div class="${look.c('row')}"><div><div><span>${e(token.name)}</span></div><div>${cells('span', token, look)}</div></div><div>${buttons(look)}</div></div>`,
    ) +
    '</div>',
};
