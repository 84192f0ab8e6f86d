import type { Chrome } from './chrome.ts';
import { html } from './html.ts';
import { rootAttributes, stylesheet } from './stylesheet.ts';
import { variantParts } from './variants.ts';

/** A frame as a React-built 10.x may have it: what is attested for 10.x (`application-name`, `#product-version`, `#current-user`), test ids and hashed classes. */
export const modernChrome: Chrome = (view, { title, main, scripts }) => {
  const { contextPath, user } = view;
  const { language, colorMode } = rootAttributes(view);
  const narrow = variantParts(view.variant).narrow === true ? 'narrow' : '';
  const who =
    user === null
      ? html`<a data-testid="login-link" href="${contextPath}/login">Log in</a>`
      : html`<button type="button" data-testid="user-menu--trigger" aria-haspopup="true" class="css-1k9qa2">
          <span id="current-user" data-username="${user.name}" data-emailaddress="${user.emailAddress}">${user.displayName}</span>
        </button>`;
  return html`<html lang="${language}" data-color-mode="${colorMode}" data-theme="light:light dark:dark">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>${title} - Bitbucket</title>
      <meta name="application-name" content="Bitbucket" />
      ${stylesheet(view)}
    </head>
    <body class="bitbucket-theme ${narrow}">
      <div id="page" data-testid="page-layout.root" class="css-1m3xw0">
        <header role="banner" data-testid="page-layout.top-nav" class="css-9zr1ud">
          <nav aria-label="site">
            <a data-testid="app-navigation-product-home" href="${contextPath}/dashboard">Bitbucket</a
            ><a href="${contextPath}/projects">Projects</a>${who}
          </nav>
        </header>
        <div id="content" data-testid="page-layout.main" class="css-kq0g7b">
          <main class="css-1ah0b9">
            <h1>${title}</h1>
            ${main}
          </main>
        </div>
        <footer role="contentinfo" class="footer-body css-4n8y1c">
          Atlassian Bitbucket <span id="product-version">v${view.version}</span>
        </footer>
      </div>
      ${scripts}
    </body>
  </html>`;
};
