/** Stands in for the pages until they are mounted. */
export interface PageView {
  readonly contextPath: string;
  readonly baseUrl: string;
  readonly version: string;
  readonly user: {
    readonly id: number;
    readonly name: string;
    readonly slug: string;
    readonly displayName: string;
    readonly emailAddress: string;
  } | null;
  readonly nonce: string | null;
  readonly variant: TokenPageVariant;
  readonly tokens: readonly {
    readonly id: string;
    readonly name: string;
    readonly createdDate: number;
    readonly expiryDate?: number;
    readonly lastAuthenticated?: number;
    readonly permissions: readonly string[];
  }[];
  readonly path?: string | undefined;
  readonly projects: readonly { readonly key: string; readonly name: string; readonly id: number }[];
}

export type TokenPageVariant = string;
export const tokenPageVariants: readonly TokenPageVariant[] = ['stub'];

const page = (view: PageView, body: string) =>
  `<!DOCTYPE html><html><head><meta name="application-name" content="Bitbucket"></head><body class="bitbucket-theme">${body}<footer><span id="product-version"> v${view.version}</span></footer></body></html>`;

export const renderLogin = (view: PageView) =>
  page(
    view,
    `<form method="post" action="${view.contextPath}/j_atl_security_check"><input id="j_username" name="j_username"><input id="j_password" name="j_password" type="password"><button id="submit">Log in</button></form>`,
  );
export const renderProjects = (view: PageView) =>
  page(view, `<ul>${view.projects.map(({ key, name }) => `<li>${key} ${name}</li>`).join('')}</ul>`);
export const renderTokens = (view: PageView) =>
  page(view, `<div id="content"><ul>${view.tokens.map(({ name }) => `<li>${name}</li>`).join('')}</ul></div>`);
