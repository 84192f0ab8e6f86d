import { escapeHtml as e } from './look.js';
import { rowMarkup } from './rows.js';

/** Binds the buttons of rows that stand in `list`, in the tokens' order. */
export const hydrate = (list, tokens, { look, revoke }) => {
  for (const [index, button] of [...list.querySelectorAll(`.${look.c('revoke')}`)].entries()) {
    button.addEventListener('click', () => revoke(tokens[index]));
  }
  for (const button of list.querySelectorAll(`.${look.c('details')}`)) {
    button.addEventListener('click', () => {
      button.nextElementSibling.hidden = !button.nextElementSibling.hidden;
      button.setAttribute('aria-expanded', String(!button.nextElementSibling.hidden));
    });
  }
};

const plain = (list, app) => (tokens) => {
  list.innerHTML = tokens.length === 0 ? `<p>${e(app.look.texts.empty)}</p>` : rowMarkup[app.page.markup](tokens, app.look);
  hydrate(list, tokens, app);
};

/** Renders again whenever `onAgain` calls back: every node is new, strangers are gone. */
const renderedAgain = (onAgain) => (list, app) => {
  const show = plain(list, app);
  let shown = [];
  onAgain(list, app, () => show(shown));
  return (tokens) => {
    shown = tokens;
    show(tokens);
  };
};

/** Calls back when the pointer or the focus comes to another row than before; a press under way becomes a click first. */
const onOtherRow = (eventName) => (list, app, again) => {
  let last = -1;
  const focusable = () => [...list.querySelectorAll('button, a, [tabindex]')];
  const renderAndKeepFocus = () => {
    const focused = focusable().indexOf(document.activeElement);
    again();
    focusable()[focused]?.focus();
  };
  list.addEventListener(eventName, ({ target }) => {
    const row = [...list.querySelectorAll(`.${app.look.c('row')}`)].findIndex((candidate) => candidate.contains(target));
    if (row === last) return;
    last = row;
    if (list.querySelector(':active') === null) renderAndKeepFocus();
    else document.addEventListener('pointerup', () => setTimeout(() => renderAndKeepFocus()), { once: true });
  });
};

const evictsStrangers = (list, app) => {
  const show = plain(list, app);
  let own = new Set();
  new MutationObserver((records) => {
    for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) if (!own.has(node)) node.remove();
  }).observe(list, { childList: true, subtree: true });
  return (tokens) => {
    show(tokens);
    const walker = document.createTreeWalker(list, NodeFilter.SHOW_ALL);
    own = new Set();
    while (walker.nextNode()) own.add(walker.currentNode);
  };
};

const showMore = (list, app) => {
  const show = plain(list, app);
  let count = 3;
  const some = (tokens) => {
    show(tokens.slice(0, count));
    if (tokens.length <= count) return;
    list.insertAdjacentHTML('beforeend', `<button type="button">${e(app.look.texts.more)}</button>`);
    list.lastElementChild.addEventListener('click', () => {
      count += 3;
      some(tokens);
    });
  };
  return some;
};

const rowHeight = 48;
const rowsInView = 4;

/** A virtual list: as many row elements as fit, whose text changes while one scrolls. */
const recycled = (list, app) => {
  let shown = [];
  const first = () => Math.max(0, Math.min(Math.round(list.scrollTop / rowHeight), shown.length - rowsInView));
  const show = plain(list, { ...app, revoke: (token) => app.revoke(shown[first() + shown.indexOf(token)]) });
  const place = () => {
    for (const [index, row] of [...list.querySelectorAll(`.${app.look.c('row')}`)].entries()) {
      const fresh = document.createElement('div');
      fresh.innerHTML = rowMarkup[app.page.markup]([shown[first() + index]], app.look);
      const words = [...fresh.querySelectorAll('span')].map((span) => span.textContent);
      for (const [position, span] of [...row.querySelectorAll('span')].entries()) span.firstChild.data = words[position];
      Object.assign(row.style, { height: `${rowHeight}px`, overflow: 'hidden', transform: `translateY(${first() * rowHeight}px)` });
    }
  };
  list.addEventListener('scroll', place);
  Object.assign(list.style, { maxHeight: `${rowHeight * rowsInView}px`, overflow: 'auto' });
  return (tokens) => {
    shown = tokens;
    show(tokens.slice(0, rowsInView));
    list.firstElementChild.style.height = `${rowHeight * Math.max(1, tokens.length)}px`;
    place();
  };
};

const inShadow = (mode) => (list, app) => {
  const outer = list.attachShadow({ mode });
  outer.innerHTML = '<section></section>';
  return plain(outer.firstElementChild.attachShadow({ mode }), app);
};

/** Names are pixels: there is nothing to find. */
const canvas = (list, app) => {
  let shown = [];
  list.addEventListener('click', ({ offsetY }) => shown.length > 0 && app.revoke(shown[Math.floor(offsetY / rowHeight)]));
  return (tokens) => {
    shown = tokens;
    if (tokens.length === 0) return plain(list, app)(tokens);
    list.innerHTML = `<canvas width="900" height="${tokens.length * rowHeight}"></canvas>`;
    const pen = list.firstElementChild.getContext('2d');
    if (pen === null) return;
    Object.assign(pen, { font: '14px sans-serif', fillStyle: getComputedStyle(list).color });
    for (const [index, token] of tokens.entries()) pen.fillText(token.name, 8, (index + 0.6) * rowHeight, 700);
  };
};

/**
 * How rows get into `list` and what becomes of them: each takes (list, app) and returns a function that shows the tokens given.
 * `app` is {look, page, revoke}.
 */
export const behaviours = {
  'from-server': plain,
  late: plain,
  'every-second': renderedAgain((_list, _app, again) => setInterval(() => again(), 1000)),
  'on-hover': renderedAgain(onOtherRow('mouseover')),
  'on-focus': renderedAgain(onOtherRow('focusin')),
  'evicts-strangers': evictsStrangers,
  'show-more': showMore,
  recycled,
  'nested-shadow': inShadow('open'),
  'closed-shadow': inShadow('closed'),
  canvas,
};
