import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { logIn } from './auth.ts';
import type { Instance } from './instance.ts';
import type { User } from './model.ts';
import { type PageView, renderLogin, renderProjects, renderTokens, type TokenPageVariant } from './pages/index.ts';
import { isAdmin, seesProject } from './permissions.ts';
import { textBody, type Call } from './router.ts';

/** Which markup the token page has, and whether pages carry a strict Content-Security-Policy. Switchable at run time. */
export interface TokenPage {
  variant: TokenPageVariant;
  csp: boolean;
}

/** What a browser gets: pages, the login, and redirects to it. Returns false for a path that is no page. */
export async function answerPage(call: Call, response: ServerResponse, tokenPage: TokenPage): Promise<boolean> {
  const { instance, identity, method, path } = call;
  const target = `${method} ${path}`;
  if (target === 'POST /j_atl_security_check') return formLogin(call, response);
  if (target === 'GET /j_atl_security_logout') return logOut(call, response);
  if (method !== 'GET') return false;
  if (path === '/login') return page(call, response, { tokenPage, render: renderLogin });
  const shown = pageAt(instance, path);
  if (shown === undefined) return false;
  if (identity.kind !== 'session') return redirect(response, `${instance.contextPath}/login?next=${encodeURIComponent(path)}`);
  if (path === '/') return redirect(response, `${instance.contextPath}/projects`);
  if (shown === 'projects') return page(call, response, { tokenPage, render: renderProjects });
  const owner = shown === 'own' ? identity.user : shown;
  if (owner !== identity.user && !isAdmin(identity)) return false;
  return page(call, response, { tokenPage, render: renderTokens, tokensOf: owner });
}

/** Which page a path is: the projects, one's own account, another user's tokens, or none. */
function pageAt({ state }: Instance, path: string): 'projects' | 'own' | User | undefined {
  if (path === '/' || path === '/projects') return 'projects';
  if (/^\/account$|^\/plugins\/servlet\/access-tokens\/(?:manage|add)$/.test(path)) return 'own';
  const slug = /^\/plugins\/servlet\/access-tokens\/users\/([^/]+)\/(?:manage|add)$/.exec(path)?.[1];
  return slug === undefined ? undefined : state.findUser(decodeURIComponent(slug));
}

/** Headers of every page, as recorded. */
const pageHeaders = {
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Content-Type-Options': 'nosniff',
  'X-XSS-Protection': '1; mode=block',
  'Cache-Control': 'no-cache, no-store',
  Pragma: 'no-cache',
  Expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
  Vary: 'accept-encoding,x-auserid,cookie,x-ausername',
  'Content-Type': 'text/html;charset=UTF-8',
};

function strictPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
}

interface PageToShow {
  readonly tokenPage: TokenPage;
  readonly render: (view: PageView) => string;
  readonly tokensOf?: User;
}

function page({ instance, identity, path }: Call, response: ServerResponse, { tokenPage, render, tokensOf }: PageToShow): boolean {
  const nonce = tokenPage.csp ? randomBytes(16).toString('base64') : null;
  const { state } = instance;
  const html = render({
    contextPath: instance.contextPath,
    baseUrl: instance.url,
    version: instance.version,
    user: identity.kind === 'session' ? personOf(identity.user) : null,
    nonce,
    variant: tokenPage.variant,
    tokens: state.tokens.filter(({ scope }) => scope.target === tokensOf).map(rowOf),
    path,
    projects: state.projects.filter((project) => seesProject(state, identity, project)).map(({ key, name, id }) => ({ key, name, id })),
  });
  response.writeHead(200, { ...pageHeaders, ...(nonce === null ? {} : { 'Content-Security-Policy': strictPolicy(nonce) }) });
  response.end(html);
  return true;
}

const personOf = ({ id, name, slug, displayName, emailAddress }: User) => ({ id, name, slug, displayName, emailAddress });

const rowOf = ({ id, name, createdDate, expiryDate, lastAuthenticated, permissions }: Instance['state']['tokens'][number]) => ({
  id,
  name,
  createdDate,
  ...(expiryDate === undefined ? {} : { expiryDate }),
  ...(lastAuthenticated === undefined ? {} : { lastAuthenticated }),
  permissions,
});

async function formLogin({ instance, request, query }: Call, response: ServerResponse): Promise<boolean> {
  const form = new URLSearchParams(await textBody(request));
  const cookie = logIn(instance.state, form.get('j_username') ?? '', form.get('j_password') ?? '', instance.contextPath || '/');
  if (cookie === undefined) return redirect(response, `${instance.contextPath}/login?error=1`);
  response.setHeader('Set-Cookie', cookie);
  const next = form.get('next') ?? query.get('next') ?? '/projects';
  return redirect(response, instance.contextPath + (/^\/(?!\/)/.test(next) ? next : '/projects'));
}

function logOut({ instance, identity }: Call, response: ServerResponse): boolean {
  if (identity.kind === 'session') instance.state.sessions.delete(identity.sessionId);
  return redirect(response, `${instance.contextPath}/login`);
}

function redirect(response: ServerResponse, location: string): boolean {
  response.writeHead(302, { Location: location });
  response.end();
  return true;
}
