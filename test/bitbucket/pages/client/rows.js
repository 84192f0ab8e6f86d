import { escapeHtml as e } from './look.js';

const day = (time, { texts, language }) => (time === undefined ? texts.never : new Date(time).toLocaleDateString(language));
const rights = (token, { texts }) => token.permissions.map((permission) => texts[permission] ?? permission).join(', ');
const facts = (token, look) => [
  [look.texts.permissions, rights(token, look)],
  [look.texts.created, day(token.createdDate, look)],
  [look.texts.used, day(token.lastAuthenticated, look)],
  [look.texts.expires, day(token.expiryDate, look)],
];
const each = (items, html) => items.map(html).join('');
const factCells = (tag, token, look, attributes = '') =>
  each(facts(token, look), ([, value]) => `<${tag}${attributes}>${e(value)}</${tag}>`);
const headings = (tag, { texts }, attributes = '') =>
  each([texts.name, texts.permissions, texts.created, texts.used, texts.expires, ''], (text) => `<${tag}${attributes}>${e(text)}</${tag}>`);
const buttons = ({ texts, c }) =>
  `<button type="button" class="aui-button aui-button-link">${e(texts.edit)}</button>` +
  `<button type="button" class="aui-button aui-button-link ${c('revoke')}">${e(texts.revoke)}</button>`;
const row = (tag, look, inside, attributes = '') => `<${tag} class="${look.c('row')}"${attributes}>${inside}</${tag}>`;
const divRow = (name, token, look) =>
  row('div', look, `<div><div>${name}</div><div>${factCells('span', token, look)}</div></div><div>${buttons(look)}</div>`);

/** As React leaves text made of several expressions: text nodes with comments between, here cut anywhere. */
const split = (name) => {
  const letters = [...name];
  const third = Math.ceil(letters.length / 3);
  const [first, second, last] = [0, 1, 2].map((index) => e(letters.slice(index * third, (index + 1) * third).join('')));
  return `${first}<!-- -->${second}<wbr><em>${last}</em>`;
};
const cut = (name) => (name.length > 12 ? `${[...name].slice(0, 11).join('')}…` : name);

const detailRows = (token, look) =>
  `<tr class="${look.c('row')}"><td rowspan="2">\n      ${e(token.name)}\n    </td>${factCells('td', token, look)}<td>${buttons(look)}</td></tr>` +
  `<tr><td colspan="5"><button type="button" class="${look.c('details')}" aria-expanded="false">${e(look.texts.details)}</button> <p hidden>${e(token.name)}, ${e(token.id)}</p></td></tr>`;

/** The rows' HTML, by the name of the markup. `look` is {texts, language, c}: words and class names. */
export const rowMarkup = {
  table: (tokens, look) =>
    `<table class="aui"><thead><tr>${headings('th', look, ' scope="col"')}</tr></thead><tbody>` +
    each(tokens, (token) => row('tr', look, `<td>${e(token.name)}</td>${factCells('td', token, look)}<td>${buttons(look)}</td>`)) +
    '</tbody></table>',

  'detail-rows': (tokens, look) =>
    `<table class="aui"><thead><tr>${headings('th', look)}</tr></thead><tbody>${each(tokens, (token) => detailRows(token, look))}</tbody></table>`,

  'nested-tables': (tokens, look) =>
    '<table><tr><td><table>' +
    each(
      tokens,
      (token) =>
        `<tr><td>${row('table', look, `<tr><td>${e(token.name)}</td></tr><tr><td>${e(rights(token, look))}</td></tr>`)}</td><td>${buttons(look)}</td></tr>`,
    ) +
    '</table></td></tr></table>',

  cards: (tokens, look) =>
    `<ul class="${look.c('cards')}">` +
    each(tokens, (token) => {
      const terms = each(facts(token, look), ([term, value]) => `<li>${e(term)}: ${e(value)}</li>`);
      return row('li', look, `<h3>${e(token.name)}</h3><ul>${terms}</ul><footer>${buttons(look)}</footer>`);
    }) +
    '</ul>',

  grid: (tokens, look) =>
    `<div role="grid" aria-rowcount="${tokens.length + 1}"><div role="row">${headings('div', look, ' role="columnheader"')}</div>` +
    each(tokens, (token) => {
      const cells = `<div role="gridcell"><span>${e(token.name)}</span></div>${factCells('div', token, look, ' role="gridcell"')}<div role="gridcell">${buttons(look)}</div>`;
      return row('div', look, cells, ' role="row" tabindex="0"');
    }) +
    '</div>',

  divs: (tokens, look) =>
    `<div class="${look.c('rows')}">${each(tokens, (token) => divRow(`<span>${e(token.name)}</span>`, token, look))}</div>`,

  'definition-list': (tokens, look) =>
    `<dl>${each(tokens, (token) => `<dt>${e(token.name)}</dt>${factCells('dd', token, look)}<dd>${buttons(look)}</dd>`)}</dl>`,

  'flat-cells': (tokens, look) =>
    `<div class="six-columns">${headings('strong', look)}` +
    each(tokens, (token) => `<div>${e(token.name)}</div>${factCells('div', token, look)}<div>${buttons(look)}</div>`) +
    '</div>',

  'split-names': (tokens, look) =>
    each(tokens, (token) => divRow(`<button type="button"><span>${split(token.name)}</span></button>`, token, look)),

  'cut-names': (tokens, look) =>
    each(tokens, (token) => divRow(`<span title="${e(token.name)}">${e(cut(token.name))}</span>`, token, look)),

  linked: (tokens, look) =>
    `<ol>${each(tokens, (token) => row('li', look, `<a href="#${e(token.id)}"><strong>${e(token.name)}</strong> ${e(rights(token, look))}</a> ${buttons(look)}`))}</ol>`,
};
