import { escapeHtml as e } from './look.js';

const fromHtml = (html) => {
  const box = document.createElement('div');
  box.innerHTML = html;
  return box;
};
const copyOn = (button, secret) => button.addEventListener('click', () => navigator.clipboard?.writeText(secret));

/** Opens a modal dialog with `html` in it; resolves once a button with the class `close` is pressed, to that button's name. */
export const dialog = (html, c) =>
  new Promise((resolve) => {
    const layer = fromHtml(`<section role="dialog" aria-modal="true" class="aui-dialog2 ${c('dialog')}">${html}</section>`);
    for (const button of layer.querySelectorAll('.close')) {
      button.addEventListener('click', () => {
        layer.remove();
        resolve(button.name);
      });
    }
    document.body.append(layer);
  });

/** Shows a new token's secret, each variant in its own way. `notice` is the place for it on the page. */
export const showSecret = {
  input: ({ token, notice, look: { texts } }) => {
    notice.innerHTML = `<div class="aui-message aui-message-success"><p>${e(texts.onceOnly)}</p><input type="text" class="text long-field" readonly><button type="button" class="aui-button">${e(texts.copy)}</button></div>`;
    notice.querySelector('input').value = token.token;
    copyOn(notice.querySelector('button'), token.token);
  },

  dialog: ({ token, look: { texts, c } }) =>
    dialog(
      `<h3>${e(token.name)}</h3><p>${e(texts.onceOnly)}</p><p>${e(token.token)}</p><button type="button" class="close">${e(texts.done)}</button>`,
      c,
    ),

  flag: ({ token, look: { texts } }) => {
    const flag = fromHtml(
      `<div id="aui-flag-container"><div class="aui-flag" role="alert"><div class="aui-message aui-message-success"><p class="title"><strong>${e(token.name)}</strong></p>${e(texts.onceOnly)} ${e(token.token)} <button type="button">${e(texts.copy)}</button></div></div></div>`,
    );
    copyOn(flag.querySelector('button'), token.token);
    document.body.append(flag);
  },

  'split-code': ({ token, notice, look: { texts } }) => {
    const pieces = token.token.match(/.{1,11}/gs) ?? [];
    notice.innerHTML = `<p>${e(texts.onceOnly)}</p><code>${pieces.map((piece) => `<span>${e(piece)}</span>`).join('')}</code>`;
  },

  textarea: ({ token, notice, look: { texts } }) => {
    notice.innerHTML = `<label>${e(texts.onceOnly)}<textarea readonly rows="2" cols="50"></textarea></label>`;
    notice.querySelector('textarea').value = token.token;
  },
};
