import type { Chrome } from './chrome.ts';
import { code, html, json, script, trusted } from './html.ts';
import { rootAttributes, stylesheet } from './stylesheet.ts';
import { variantParts } from './variants.ts';

const contextPathKey = 'com.atlassian.plugins.atlassian-plugins-webresource-plugin:context-path.context-path';
const commit = 'e36cb0c5e3aab578efcf39083c1ec9adb7326c2e';

/** Stands in for the bundles of the real page: `require('…').onReady(…)` must not throw. */
const requireStub = trusted('window.require = () => new Proxy({}, { get: () => () => undefined });');

/** The frame of 8.x as captured from 8.3.0: AUI markup, WRM data inline, the user handed to the layout's `onReady`. */
export const classicChrome: Chrome = (view, { title, main, scripts }) => {
  const { contextPath, baseUrl, nonce, user } = view;
  const { language, colorMode } = rootAttributes(view);
  const who =
    user === null
      ? html`<li class="user-dropdown"><a id="login-link" href="${contextPath}/login">Log In</a></li>`
      : html`<li class="user-dropdown">
          <a class="aui-dropdown2-trigger user-dropdown-trigger" href="${contextPath}/account"
            ><span
              id="current-user"
              data-username="${user.name}"
              data-emailaddress="${user.emailAddress}"
              data-avatarurl-small="${contextPath}/users/${user.slug}/avatar.png?s=32"
              >${user.displayName}</span
            ></a
          >
        </li>`;
  const wrm = code`window.WRM=window.WRM||{};window.WRM._unparsedData=window.WRM._unparsedData||{};
WRM._unparsedData[${json(contextPathKey)}]=${json(JSON.stringify(contextPath))};
if(window.WRM._dataArrived)window.WRM._dataArrived();`;
  const whoJson = user && { ...user, active: true, avatarUrl: `${contextPath}/users/${user.slug}/avatar.png`, type: 'NORMAL' };
  const onReady = code`require('bitbucket/internal/layout/base/base').onReady(${json(whoJson)}, "Bitbucket" );`;
  return html`<html lang="${language}" data-color-mode="${colorMode}">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="X-UA-Compatible" content="IE=edge" />
      <title>${title} - Bitbucket</title>
      ${script(nonce, wrm)} ${script(nonce, requireStub)}${stylesheet(view)}
      <meta name="application-name" content="Bitbucket" />
    </head>
    <body class=" bitbucket-theme${variantParts(view.variant).narrow === true ? ' narrow' : ''}">
      <ul id="assistive-skip-links" class="assistive">
        <li><a href="#content">Skip to content</a></li>
      </ul>
      <div id="page">
        <!-- start #header -->
        <header id="header" role="banner">
          <section class="notifications"></section>
          <nav class="aui-header aui-dropdown2-trigger-group" aria-label="site">
            <div class="aui-header-inner">
              <div class="aui-header-primary">
                <span id="logo" class="aui-header-logo bitbucket-header-logo"><a href="${baseUrl}">Bitbucket</a></span>
                <ul class="aui-nav">
                  <li class=" projects-link">
                    <a
                      href="${contextPath}/projects"
                      class="projects-link"
                      data-web-item-key="com.atlassian.bitbucket.server.bitbucket-server-web-fragments:projects-menu"
                      >Projects</a
                    >
                  </li>
                </ul>
              </div>
              <div class="aui-header-secondary">
                <ul class="aui-nav">
                  ${who}
                </ul>
              </div>
            </div>
          </nav>
        </header>
        <!-- End #header --><!-- Start #content -->
        <section id="content" role="main" tabindex="-1" data-timezone="0">
          <header class="aui-page-header">
            <div class="aui-page-header-inner">
              <div class="aui-page-header-main"><h1>${title}</h1></div>
            </div>
          </header>
          <div id="aui-page-panel-content-body" class="aui-page-panel content-body" tabindex="-1">
            <div class="aui-page-panel-inner"><main role="main" id="main" class="aui-page-panel-content">${main}</main></div>
          </div>
        </section>
        <!-- End #content --><!-- Start #footer -->
        <footer id="footer" role="contentinfo">
          <section class="notifications"></section>
          <section class="footer-body">
            <ul>
              <li>
                Atlassian Bitbucket
                <span title="${commit}" id="product-version" data-commitid="${commit}" data-system-build-number="${commit.slice(0, 7)}">
                  v${view.version}</span
                >
              </li>
            </ul>
          </section>
        </footer>
        <!-- End #footer -->
      </div>
      ${script(nonce, onReady)}${scripts}
    </body>
  </html>`;
};
