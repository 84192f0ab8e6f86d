import type { Chrome } from './chrome.ts';
import { html } from './html.ts';
import { rootAttributes, stylesheet } from './stylesheet.ts';

/** A frame with hardly a sign of Bitbucket: renamed, no version, no user. Only the address and REST tell. */
export const bareChrome: Chrome = (view, { title, main, scripts }) => {
  const { language, colorMode } = rootAttributes(view);
  return html`<html lang="${language}" data-color-mode="${colorMode}">
    <head>
      <meta charset="utf-8" />
      <title>${title} - Social Coding</title>
      ${stylesheet(view)}
    </head>
    <body>
      <div><a href="${view.contextPath}/projects">Code</a></div>
      <main>${main}</main>
      ${scripts}
    </body>
  </html>`;
};
