import { page } from './chrome.ts';
import { html, script, trusted } from './html.ts';
import type { PageView } from './page-view.ts';
import { variantParts } from './variants.ts';

const classicForm = (contextPath: string) =>
  html`<form class="aui" id="login-form" action="${contextPath}/j_atl_security_check" method="post" accept-charset="UTF-8">
    <label for="j_username">Username</label><input class="text" type="text" id="j_username" name="j_username" autofocus /><label
      for="j_password"
      >Password</label
    ><input class="password" type="password" id="j_password" name="j_password" autocomplete="off" /><label
      ><input type="checkbox" id="_spring_security_remember_me" name="_spring_security_remember_me" /> Keep me logged in</label
    ><input type="hidden" name="queryString" value="" /><input
      id="submit"
      class="aui-button aui-button-primary"
      type="submit"
      name="submit"
      value="Log in"
    />
  </form>`;

const modernForm = html`<form data-testid="login-form">
  <input id="username-field" name="username" autocomplete="username" /><input id="password-field" name="password" type="password" /><label
    ><input id="remember-me" name="rememberMe" type="checkbox" /> Remember me</label
  ><button id="login-button" type="submit">Log in</button>
  <p role="alert" id="login-error"></p>
</form>`;

const modernLogin = (contextPath: string) => `
document.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { username, password, rememberMe } = Object.fromEntries(new FormData(event.target));
  const targetUrl = new URLSearchParams(location.search).get('next') ?? '';
  const response = await fetch(${JSON.stringify(contextPath)} + '/rest/tsv/latest/authenticate', {
    method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json', 'X-Atlassian-Token': 'no-check' },
    body: JSON.stringify({ username, password, targetUrl, rememberMe: rememberMe === 'on' }),
  });
  if (response.ok) location.assign(${JSON.stringify(contextPath)} + (/^\\/(?!\\/)/.test(targetUrl) ? targetUrl : '/projects'));
  else document.querySelector('#login-error').textContent = 'Invalid username or password.';
});`;

/** The login page: the form of 8.x posts to `/j_atl_security_check`, the one of 10.x JSON to `/rest/tsv/latest/authenticate`. */
export function renderLogin(view: PageView): string {
  const modern = variantParts(view.variant).chrome === 'modern';
  return page(view, {
    title: 'Log in',
    main: modern ? modernForm : classicForm(view.contextPath),
    scripts: modern ? [script(view.nonce, trusted(modernLogin(view.contextPath)))] : [],
  });
}

/** The list of projects: where one lands after login. */
export function renderProjects(view: PageView): string {
  const rows = view.projects.map(
    ({ key, name }) =>
      html`<tr>
        <td><a href="${view.contextPath}/projects/${encodeURIComponent(key)}">${name}</a></td>
        <td>${key}</td>
      </tr>`,
  );
  const main = html`<table id="projects-table" class="aui paged-table">
    <thead>
      <tr>
        <th>Project</th>
        <th>Key</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
  return page(view, { title: 'Projects', main, scripts: [] });
}
