import { escapeHtml as e } from './look.js';

const allPermissions = ['PROJECT_READ', 'PROJECT_WRITE', 'PROJECT_ADMIN', 'REPO_READ', 'REPO_WRITE', 'REPO_ADMIN'];

/** The create form's HTML. */
export const formSection = ({ texts, c }) =>
  `<form class="aui ${c('form')}" autocomplete="off"><label>${e(texts.name)} <input class="text" name="name" required maxlength="255"></label>` +
  `<label>${e(texts.permissions)} <select name="permission">${allPermissions.map((right) => `<option value="${right}">${e(texts[right])}</option>`).join('')}</select></label>` +
  `<label>${e(texts.expiryDays)} <input class="text" name="expiryDays" type="number" min="1"></label>` +
  `<button type="submit" class="aui-button aui-button-primary">${e(texts.create)}</button></form>`;

/** Token names where no row is: a menu, a heading, help, a choice, and the confirm dialog waiting hidden. */
const namesElsewhere = ({ texts }, tokens) => {
  const names = tokens.map((token) => e(token.name));
  return (
    `<ul role="menu">${names.map((name) => `<li role="menuitem"><a href="#">${name}</a></li>`).join('')}</ul>` +
    `<h3>${names.at(-1) ?? ''}</h3><p>${names.map((name) => `<code>${name}</code>`).join(' ')}</p>` +
    `<select aria-label="${e(texts.name)}">${names.map((name) => `<option>${name}</option>`).join('')}</select>` +
    `<section role="dialog" hidden><p>${names.map((name) => texts.confirm(name)).join('<br>')}</p></section>`
  );
};

/** The list page's HTML around the rows. */
export const listSection = (rows, look, page) => {
  const { texts, c } = look;
  const create = {
    inline: () => formSection(look),
    dialog: () => `<button type="button" class="aui-button ${c('open')}">${e(texts.create)}</button>`,
    page: () => `<a class="aui-button" href="${e(page.addUrl)}">${e(texts.create)}</a>`,
  };
  return (
    `<h2>${e(texts.heading)}</h2><p>${e(texts.help)}</p>${page.namesElsewhere ? namesElsewhere(look, page.tokens) : ''}` +
    `<div class="${c('create')}">${create[page.form]()}</div><div class="${c('notice')}"></div><div class="${c('list')}">${rows}</div>`
  );
};

/** The page that only creates. */
export const addSection = (look, page) =>
  `<h2>${e(look.texts.create)}</h2><div class="${look.c('create')}">${formSection(look)}</div><div class="${look.c('notice')}"></div>` +
  `<p><a href="${e(page.listUrl)}">${e(look.texts.heading)}</a></p>`;

/** The account page, first of the tabs. */
export const accountSection = ({ texts }, page) =>
  `<h2>${e(texts.account)}</h2><dl><dt>Name</dt><dd>${e(page.user.displayName)}</dd><dt>E-mail</dt><dd>${e(page.user.emailAddress)}</dd></dl>`;
