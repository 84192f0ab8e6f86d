import { behaviours, hydrate } from './behaviours.js';
import { classNames, escapeHtml as e } from './look.js';
import { dialog, showSecret } from './secret.js';
import { accountSection, addSection, formSection, listSection } from './sections.js';
import { texts } from './texts.js';
import { tokensAt } from './tokens.js';

/** Brings the page to life. `page` is what the server wrote into it. */
export const start = async (page) => {
  const look = { texts: texts[page.language], language: page.language, c: classNames(page.variant, page.chrome) };
  const root = document.querySelector(`.${look.c('root')}`);
  const api = tokensAt(page.restUrl);
  const part = (name) => root.querySelector(`.${look.c(name)}`);
  const complain = (error) => {
    part('notice').innerHTML = `<p role="alert">${e(look.texts.failed(error.status ?? error.message))}</p>`;
  };
  let show;
  const refresh = async () => show?.(await api.list());

  const revoke = async (token) => {
    const question = `<p>${e(look.texts.confirm(token.name))}</p><button type="button" class="close" name="yes">${e(look.texts.revoke)}</button><button type="button" class="close" name="no">${e(look.texts.cancel)}</button>`;
    if ((await dialog(question, look.c)) !== 'yes') return;
    await api.revoke(token.id).then(refresh, complain);
  };

  const create = async (event) => {
    event.preventDefault();
    const { name, permission, expiryDays } = Object.fromEntries(new FormData(event.target));
    const request = { name, permissions: [permission], ...(expiryDays !== '' && { expiryDays: Number(expiryDays) }) };
    try {
      const token = await api.create(request);
      event.target.closest('[role=dialog]')?.parentElement.remove();
      event.target.reset();
      await refresh();
      showSecret[page.secret]({ token, notice: part('notice'), look });
    } catch (error) {
      complain(error);
    }
  };

  const openDialog = () => {
    void dialog(`${formSection(look)}<button type="button" class="close">${e(look.texts.cancel)}</button>`, look.c);
    document.querySelector(`[role=dialog] .${look.c('form')}`).addEventListener('submit', create);
  };

  const bind = async () => {
    root.querySelector('form')?.addEventListener('submit', create);
    part('open')?.addEventListener('click', openDialog);
    const list = part('list');
    const app = { look, page, revoke };
    show = list === null ? undefined : behaviours[page.behaviour](list, app);
    if (list === null) return;
    if (page.behaviour === 'from-server' && list.innerHTML !== '') hydrate(list, page.tokens, app);
    else await refresh().catch(complain);
  };

  const go = (path) => {
    const sections = { account: accountSection, add: addSection, list: () => listSection('', look, page) };
    root.innerHTML = sections[path](look, page);
    void bind();
  };

  if (page.singlePage) {
    const sectionAt = () => (location.pathname === page.listUrl ? 'list' : 'account');
    for (const link of document.querySelectorAll(`.${look.c('tabs')} a`)) {
      link.addEventListener('click', (event) => {
        event.preventDefault();
        history.pushState({}, '', link.href);
        go(sectionAt());
      });
    }
    addEventListener('popstate', () => go(sectionAt()));
    go(page.section);
  } else await bind();
};
